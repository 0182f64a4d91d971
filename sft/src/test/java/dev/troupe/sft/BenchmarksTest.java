package dev.troupe.sft;

import static dev.troupe.sft.SftWorkloadTest.block;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.core.Json;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.Violation;
import dev.troupe.sft.internal.eval.Scores.Change;
import dev.troupe.testkit.LocalCluster;
import dev.troupe.testkit.LocalCluster.Loss;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Benchmarks that are part of a fine-tuning job. */
class BenchmarksTest {

  private static final SftWorkload SFT = new SftWorkload();

  @TempDir private static Path folder;

  private static Path model;
  private static Path data;
  private static Path choices;
  private static Path sums;

  /** The model learns to repeat a word; the benchmark asks which word is repeated. */
  @BeforeAll
  static void write() throws IOException {
    model = Fixtures.model(folder);
    data = Fixtures.data(folder, 50);
    choices =
        Files.writeString(
            folder.resolve("choices.jsonl"),
            """
            {"question": "say abc:", "choices": {"text": ["abc", "xyz"], "label": ["A", "B"]}, "answerKey": "A"}
            {"question": "say bcde:", "choices": {"text": ["wzyx", "bcde"], "label": ["A", "B"]}, "answerKey": "B"}
            {"question": "say fgh:", "choices": {"text": ["fgh", "999"], "label": ["A", "B"]}, "answerKey": "A"}
            """);
    sums =
        Files.writeString(
            folder.resolve("sums.jsonl"),
            "{\"question\": \"1 and 1\", \"answer\": \"2 #### 2\"}\n".repeat(2));
  }

  private static SftOptions options(Object... namesAndValues) {
    return Fixtures.shortRun(model, data, 30, namesAndValues);
  }

  @Test
  @SuppressWarnings("unchecked") // what the workload puts there
  void benchmarksAreScoredBeforeAfterAndAtExports() throws Exception {
    String tasks = choices + "@kind=choice@rowsPerTask=2," + sums + "@kind=gsm8k@maxNewTokens=4";
    SftOptions options = options("evalTasks", tasks, "exportAt", "4,10");
    assertThat(SFT.check(options)).isEmpty();
    try (LocalCluster cluster = new LocalCluster(2, new Loss(7, 1))) {
      Map<String, Object> result = SFT.run(cluster.job(), options).values();
      assertThat(result.get("weightsSha256")).isEqualTo(weightsWithoutBenchmarks());

      List<Change> changes = (List<Change>) result.get("scores");
      assertThat(changes)
          .extracting(Change::metric)
          .containsExactly("acc", "acc_norm", "flexible", "strict");
      Change accuracy = changes.get(0);
      assertThat(accuracy.benchmark()).endsWith("choices.jsonl");
      assertThat(accuracy.rows()).isEqualTo(3);
      assertThat(accuracy.after()).isEqualTo(1).isGreaterThan(accuracy.before());

      List<JsonNode> lines = cluster.text("scores.jsonl").lines().map(Json::readTree).toList();
      assertThat(lines)
          .filteredOn(line -> line.get("metric").asText().equals("acc"))
          .extracting(line -> line.get("step").asInt())
          .containsExactly(0, 4, 10, 30);
      assertThat(cluster.text("benchmark-1/step-30.jsonl").lines()).hasSize(3);
      assertThat(block(cluster, "plot", "Benchmarks: acc").get("lines").get(0).get("x"))
          .map(JsonNode::asInt)
          .containsExactly(0, 4, 10, 30);
      assertThat(block(cluster, "table", "Benchmarks, with standard errors").get("rows"))
          .hasSize(4);
    }
  }

  private static Object weightsWithoutBenchmarks() throws Exception {
    try (LocalCluster cluster = new LocalCluster(1)) {
      return SFT.run(cluster.job(), options()).values().get("weightsSha256");
    }
  }

  /** The same code, so the same figures as an evaluation of the exported folder. */
  @Test
  @SuppressWarnings("unchecked") // what the workload puts there
  void scoresAreThoseOfSftEval() throws Exception {
    Path out = folder.resolve("tuned");
    try (LocalCluster cluster = new LocalCluster(1)) {
      SftOptions options =
          options("evalTasks", choices + "@kind=choice@limit=2", "out", out, "steps", 4);
      Map<String, Object> result = SFT.run(cluster.job(), options).values();
      String inJob = cluster.text("benchmark-1/step-4.jsonl");
      var given = Json.mapper().createObjectNode();
      given.put("model", out.toString()).put("data", choices.toString());
      given.put("kind", "choice").put("limit", 2);
      SftEvalOptions alone = OptionsBinder.bind(given, SftEvalOptions.class);
      Map<String, Object> figures = new SftEvalWorkload().run(cluster.job(), alone).values();
      assertThat(((List<Change>) result.get("scores")).get(1).after())
          .isEqualTo(figures.get("acc_norm"));
      assertThat(inJob).isEqualTo(cluster.text("items.jsonl"));
    }
  }

  @Test
  void checkNamesTheBenchmarkAndWhatIsWrongWithIt() {
    assertThat(complaint(choices.toString()))
        .startsWith("evalTasks: '" + choices + "': kind: missing (expected: one of loss, choice, ")
        .endsWith("; the form is FILE@kind=KIND[@NAME=VALUE...]");
    assertThat(complaint(choices + "@kind=gsm8k@maxNewTokens=4"))
        .contains("choices.jsonl, line 1: answer: missing (expected: text)");
    assertThat(complaint(choices + "@kind=choice@model=x"))
        .contains(
            "model (expected: FILE@kind=KIND[@NAME=VALUE...], with options of sft-eval other");
    assertThat(complaint(choices + "@kind=choice@shots=2@shotsData=none.jsonl"))
        .contains("shotsData: " + folder.resolve("none.jsonl"));
    assertThat(complaint(choices + "@kind=choice@limit=0")).contains("limit: 0 (expected: >= 1");
    assertThat(complaint("nowhere.jsonl@kind=choice")).contains("nowhere.jsonl");
  }

  private static String complaint(String task) {
    List<Violation> violations = SFT.check(options("evalTasks", task));
    assertThat(violations).as(violations.toString()).hasSize(1);
    return violations.get(0).toString();
  }
}
