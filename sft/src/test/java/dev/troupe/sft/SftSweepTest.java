package dev.troupe.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.Violation;
import dev.troupe.testkit.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SftSweepTest {

  private static final SftSweepWorkload SWEEP = new SftSweepWorkload();

  @TempDir private static Path folder;

  private static Path model;
  private static Path data;

  @BeforeAll
  static void write() throws IOException {
    model = Fixtures.model(folder);
    data = Fixtures.data(folder, 60);
  }

  /** Four learning rates, each for 12 steps of 8 rows, compared after 3 and 6. */
  private static SftSweepOptions options(Object... namesAndValues) {
    ObjectNode given = Json.mapper().createObjectNode();
    given.put("model", model.toString()).put("data", data.toString()).put("evalFraction", 0.2);
    given.put("samples", 96).put("batches", "8").put("microBatches", 4).put("rungs", "0.25,0.5");
    given.put("learningRates", "1e-5,3e-3,1e-3,1e-4");
    for (int i = 0; i < namesAndValues.length; i += 2) {
      given.put((String) namesAndValues[i], namesAndValues[i + 1].toString());
    }
    return OptionsBinder.bind(given, SftSweepOptions.class);
  }

  private static JsonNode run(LocalCluster cluster, SftSweepOptions options) throws Exception {
    assertThat(SWEEP.check(options)).isEmpty();
    return Json.toTree(SWEEP.run(cluster.job(), options));
  }

  private static JsonNode run(SftSweepOptions options) throws Exception {
    try (LocalCluster cluster = new LocalCluster(1)) {
      return run(cluster, options);
    }
  }

  private static List<String> outcomes(JsonNode result) {
    return StreamSupport.stream(result.get("ranking").spliterator(), false)
        .map(place -> place.get("outcome").asText())
        .toList();
  }

  @Test
  void adviceTrainsAllAndSaysWhatItWouldHaveSaved() throws Exception {
    try (LocalCluster cluster = new LocalCluster(1)) {
      JsonNode result = run(cluster, options());
      assertThat(result.get("computeSaved").asDouble()).isZero();
      // 2 of 4 given up after a quarter, 1 after a half: (2 * 3/4 + 1/2) / 4
      assertThat(result.get("computeSavedIfEnforced").asDouble()).isEqualTo(0.5);
      assertThat(outcomes(result))
          .containsExactlyInAnyOrder(
              "trained",
              "trained, but given up after 25 %",
              "trained, but given up after 25 %",
              "trained, but given up after 50 %");
      double best = Double.POSITIVE_INFINITY;
      for (JsonNode place : result.get("ranking")) {
        best = Math.min(best, place.get("loss").asDouble());
      }
      assertThat(result.get("bestLoss").asDouble()).isEqualTo(best);
      assertThat(result.get("best").asText()).contains("batch=8 learningRate=0.003");
      assertThat(result.get("spearman")).hasSize(2);
      JsonNode early = result.get("spearman").get(1);
      assertThat(early.get("settings").asInt()).isEqualTo(4);
      assertThat(early.get("heldOutLoss").asDouble()).isEqualTo(1); // this far apart, it is clear
      assertThat(early.get("gradNorm").asDouble()).isBetween(-1.0, 1.0);
      assertThat(cluster.text("report.html"))
          .contains("correlation with the final order", "Gradient norm", "Held-out loss");
      assertThat(cluster.text("curves.jsonl").lines()).hasSize(4 * 12);
      assertThat(cluster.gangs()).hasSize(4 * 3);
    }
  }

  @Test
  void whatIsGivenUpIsStoppedIfEnforced() throws Exception {
    try (LocalCluster cluster = new LocalCluster(1)) {
      JsonNode result = run(cluster, options("stop", "enforce"));
      assertThat(result.get("computeSaved").asDouble()).isEqualTo(0.5);
      assertThat(outcomes(result))
          .containsExactly(
              "trained", "given up after 50 %", "given up after 25 %", "given up after 25 %");
      assertThat(cluster.gangs()).hasSize(4 + 2 + 1);
    }
  }

  /** The rungs are not seen in the curve: each step is that of a run that nobody looked at. */
  @Test
  void aTrialIsTheVeryRunThatSftMakes() throws Exception {
    List<JsonNode> whole;
    try (LocalCluster cluster = new LocalCluster(1)) {
      SftOptions alone =
          Fixtures.options(
              model,
              data,
              Map.of(
                  "batch",
                  8,
                  "microBatches",
                  4,
                  "steps",
                  12,
                  "learningRate",
                  1e-3,
                  "warmup",
                  2,
                  "schedule",
                  "cosine",
                  "evalFraction",
                  0.2));
      new SftWorkload().run(cluster.job(), alone);
      whole = cluster.text("metrics.jsonl").lines().map(Json::readTree).toList();
    }
    try (LocalCluster cluster = new LocalCluster(1)) {
      run(cluster, options("learningRates", "1e-3", "warmups", "2", "schedules", "cosine"));
      List<JsonNode> parts = cluster.text("curves.jsonl").lines().map(Json::readTree).toList();
      assertThat(parts).hasSameSizeAs(whole);
      for (int i = 0; i < parts.size(); i++) {
        assertThat(parts.get(i).get("loss")).isEqualTo(whole.get(i).get("loss"));
        assertThat(parts.get(i).get("gradNorm")).isEqualTo(whole.get(i).get("gradNorm"));
        assertThat(parts.get(i).get("samples").asInt()).isEqualTo(8 * (i + 1));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"indicators", "halving"})
  void divergenceIsStoppedInAnyCase(String policy) throws Exception {
    JsonNode result =
        run(options("learningRates", "1e-3,1e30,1e-4", "clip", 0, "policy", policy, "keep", 1));
    assertThat(outcomes(result)).containsExactly("trained", "trained", "diverged");
    assertThat(result.get("ranking").get(2).get("settings").asText())
        .contains("learningRate=1e30 ");
    assertThat(result.get("computeSaved").asDouble()).isGreaterThan(0.2);
  }

  @Test
  void halvingGoesOnWithTheBest() throws Exception {
    try (LocalCluster cluster = new LocalCluster(1)) {
      JsonNode result =
          run(cluster, options("policy", "halving", "stop", "enforce", "parallel", 1));
      assertThat(outcomes(result).get(0)).isEqualTo("trained");
      assertThat(result.get("best").asText()).contains("learningRate=0.003");
      assertThat(result.get("computeSaved").asDouble()).isGreaterThan(0.3);
      assertThat(cluster.gangs()).filteredOn(key -> key.endsWith("rung-0")).hasSize(4);
      assertThat(cluster.gangs()).filteredOn(key -> key.endsWith("rung-1")).hasSize(2);
      assertThat(cluster.gangs()).filteredOn(key -> key.endsWith("rung-2")).hasSize(1);
    }
  }

  @Test
  void halvingTrainsTheOthersTooIfItOnlyAdvises() throws Exception {
    JsonNode result = run(options("policy", "halving"));
    assertThat(result.get("computeSaved").asDouble()).isZero();
    assertThat(result.get("computeSavedIfEnforced").asDouble()).isGreaterThan(0.3);
    assertThat(outcomes(result)).filteredOn(o -> o.startsWith("trained, but")).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"indicators", "halving"})
  void aDriverThatDiesGoesOnBehindWhatIsDone(String policy) throws Exception {
    SftSweepOptions options = options("policy", policy, "stop", "enforce", "parallel", 1);
    JsonNode undisturbed = run(options);
    try (LocalCluster cluster = new LocalCluster(1)) {
      for (int died = 0; died < 2; died++) {
        assertThatThrownBy(() -> SWEEP.run(cluster.jobThatDiesAfter(3), options))
            .hasMessage("a test ends the driver's process");
      }
      assertThat(cluster.gangs()).hasSize(6);
      assertThat(run(cluster, options)).isEqualTo(undisturbed);
      assertThat(cluster.gangs()).hasSize(7);
    }
  }

  @Test
  void aLostWorkerChangesNothing() throws Exception {
    SftSweepOptions options = options("stop", "enforce");
    JsonNode undisturbed = run(options);
    try (LocalCluster cluster = new LocalCluster(1, new LocalCluster.Loss(2, 1))) {
      assertThat(run(cluster, options)).isEqualTo(undisturbed);
      assertThat(cluster.generations()).isGreaterThan(cluster.gangs().size());
    }
  }

  @Test
  void checkNamesWhatIsWrong() {
    assertThat(complaints("rungs", "0.5,0.25"))
        .contains("rungs: [0.5, 0.25] (expected: ascending)");
    assertThat(complaints("batches", "200"))
        .contains("batches: 200 (expected: at most samples, 96)");
    assertThat(complaints("learningRates", ""))
        .contains("learningRates: none (expected: at least one)");
    assertThat(complaints("seeds", "1,2,3,4,5,6,7,8,9,10", "warmups", "0,1,2,3,4,5,6"))
        .contains("learningRates: 280 settings in all (expected: at most 256)");
    assertThat(complaints("model", folder.resolve("none"))).contains("model: ");
    assertThat(complaints("maxLength", 8)).contains("data: ");
    assertThatThrownBy(() -> options("rungs", "0,1.5"))
        .hasMessageContaining("rungs")
        .hasMessageContaining("expected");
  }

  private static String complaints(Object... namesAndValues) {
    return String.join(
        "\n", SWEEP.check(options(namesAndValues)).stream().map(Violation::toString).toList());
  }
}
