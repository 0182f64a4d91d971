package dev.troupe.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.Violation;
import dev.troupe.lm.CausalLm;
import dev.troupe.testkit.LocalCluster;
import dev.troupe.testkit.LocalCluster.Loss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SftPhasedTest {

  private static final SftPhasedWorkload PHASED = new SftPhasedWorkload();

  @TempDir private static Path folder;

  private static Path model;
  private static Path first;
  private static Path second;
  private static Path heldOut;

  @BeforeAll
  static void write() throws IOException {
    model = Fixtures.model(folder);
    List<String> rows = Files.readAllLines(Fixtures.data(folder, 70));
    first = Files.write(folder.resolve("first.jsonl"), rows.subList(0, 30));
    second = Files.write(folder.resolve("second.jsonl"), rows.subList(30, 60));
    heldOut = Files.write(folder.resolve("held-out.jsonl"), rows.subList(60, 70));
  }

  private static SftPhasedOptions options(String phases, Object... namesAndValues) {
    ObjectNode given = Json.mapper().createObjectNode();
    given.put("model", model.toString()).put("phases", phases);
    given.put("evalData", heldOut.toString()).put("batch", 6).put("microBatches", 3);
    given.put("learningRate", 3e-3).put("warmup", 0).put("checkpointEvery", 2);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      given.put((String) namesAndValues[i], namesAndValues[i + 1].toString());
    }
    return OptionsBinder.bind(given, SftPhasedOptions.class);
  }

  private static JsonNode run(LocalCluster cluster, SftPhasedOptions options) throws Exception {
    assertThat(PHASED.check(options)).isEmpty();
    return Json.toTree(PHASED.run(cluster.job(), options));
  }

  private static JsonNode run(int ranks, SftPhasedOptions options, Loss... losses)
      throws Exception {
    try (LocalCluster cluster = new LocalCluster(ranks, losses)) {
      return run(cluster, options);
    }
  }

  @Test
  void phasesFollowEachOtherAndEndInAModel() throws Exception {
    Path out = folder.resolve("tuned");
    String phases = first + "," + second + "@replay=0.5@learningRate=1e-3@batch=9";
    try (LocalCluster cluster = new LocalCluster(2)) {
      JsonNode result = run(cluster, options(phases, "out", out));
      JsonNode lines = result.get("phases");
      assertThat(lines).hasSize(2);
      assertThat(lines.get(0).get("steps").asInt()).isEqualTo(5); // 30 rows of 6
      assertThat(lines.get(1).get("steps").asInt()).isEqualTo(5); // 30 + 15 rows of 9
      assertThat(lines.get(1).get("data").get(1).asText()).isEqualTo(first + ":0.5");
      assertThat(lines.get(1).get("learningRate").asDouble()).isEqualTo(1e-3);
      double start = result.get("evalLossBefore").asDouble();
      double middle = lines.get(0).get("evalLoss").asDouble();
      assertThat(middle).isLessThan(start);
      assertThat(result.get("evalLoss").asDouble()).isLessThan(middle);
      assertThat(cluster.artifacts())
          .contains("model.safetensors", "tokenizer.json", "report.html", "eval.jsonl");
      try (CausalLm tuned = CausalLm.load(out)) {
        assertThat(tuned.weightsSha256()).isEqualTo(result.get("weightsSha256").asText());
      }
    }
  }

  /** What the first phase measures last, the second measures first. */
  @Test
  void theBestCheckpointStartsTheNextPhase() throws Exception {
    // The second phase ruins the model: each of its steps is worse than what it began with.
    JsonNode good = run(1, options(first.toString()));
    String ruined = first + "," + second + "@learningRate=10";
    JsonNode result = run(1, options(ruined));
    JsonNode last = result.get("phases").get(1);
    assertThat(last.get("bestStep").asInt()).isZero();
    assertThat(last.get("evalLoss")).isEqualTo(result.get("phases").get(0).get("evalLoss"));
    assertThat(result.get("weightsSha256")).isEqualTo(good.get("weightsSha256"));
  }

  @Test
  void ranksAndInterruptionsDoNotChangeTheResult() throws Exception {
    SftPhasedOptions options = options(first + "," + second + "@replay=0.1", "candidates", 2);
    JsonNode alone = run(1, options);
    assertThat(run(3, options)).isEqualTo(alone);
    assertThat(run(2, options, new Loss(3, 1), new Loss(5, 1))).isEqualTo(alone);
  }

  @Test
  void aDriverThatDiesGoesOnBehindItsPhases() throws Exception {
    SftPhasedOptions options = options(first + "," + second);
    JsonNode undisturbed = run(1, options);
    try (LocalCluster cluster = new LocalCluster(1)) {
      assertThatThrownBy(() -> PHASED.run(cluster.jobThatDiesAfter(1), options))
          .hasMessage("a test ends the driver's process");
      assertThat(run(cluster, options)).isEqualTo(undisturbed);
      assertThat(cluster.generations()).isEqualTo(2);
    }
  }

  @Test
  void checkNamesWhatIsWrong() {
    assertThat(complaints("")).contains("phases: none (expected: at least one)");
    assertThat(complaints(first + "@rate=1"))
        .contains(
            "@rate=1' (expected: @NAME=VALUE, with NAME one of [batch, epochs, learningRate,");
    assertThat(complaints(first + "@replay=2")).contains("(expected: replay from 0 to 1)");
    assertThat(complaints(first + "@batch=x")).contains("batch: x (expected: ");
    assertThat(complaints(first + "+none.jsonl")).contains("phases: ", "none.jsonl: no such file");
    assertThat(complaints(first + "@batch=2")).contains("microBatches: 3 (expected: at most batch");
    assertThat(complaints(first.toString(), "evalData", ""))
        .contains("evalData: none (expected: files of held-out rows to choose by)");
    assertThat(complaints(first + "+second.jsonl")).isEmpty(); // beside the first
  }

  private static String complaints(String phases, Object... namesAndValues) {
    return String.join(
        "\n",
        PHASED.check(options(phases, namesAndValues)).stream().map(Violation::toString).toList());
  }
}
