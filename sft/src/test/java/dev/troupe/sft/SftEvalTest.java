package dev.troupe.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.core.Json;
import dev.troupe.core.Result;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.core.options.Violation;
import dev.troupe.sft.internal.eval.Estimate;
import dev.troupe.testkit.LocalCluster;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The golden files are made by {@code src/test/python/evaluation.py} with lm-evaluation-harness.
 */
class SftEvalTest {

  private static final SftEvalWorkload EVAL = new SftEvalWorkload();

  @TempDir private Path folder;

  private static Path golden(String name) throws URISyntaxException {
    Path expected = Path.of(SftEvalTest.class.getResource("/evaluation/expected.json").toURI());
    return expected.resolveSibling(name);
  }

  private static SftEvalOptions options(Object... namesAndValues) throws URISyntaxException {
    ObjectNode given = Json.mapper().createObjectNode();
    given.put("model", golden("model").toString());
    for (int i = 0; i < namesAndValues.length; i += 2) {
      given.put((String) namesAndValues[i], namesAndValues[i + 1].toString());
    }
    return OptionsBinder.bind(given, SftEvalOptions.class);
  }

  private record Outcome(Result result, List<JsonNode> items) {

    Estimate estimate(String metric) {
      return new Estimate(
          metric,
          (Double) result.values().get(metric),
          (Double) result.values().get(metric + "_stderr"),
          (Integer) result.values().get("rows"));
    }
  }

  private static Outcome run(SftEvalOptions options) throws Exception {
    assertThat(EVAL.check(options)).isEmpty();
    try (LocalCluster cluster = new LocalCluster(1)) {
      Result result = EVAL.run(cluster.job(), options);
      assertThat(cluster.artifacts()).contains("report.html", "items.jsonl");
      List<JsonNode> items = cluster.text("items.jsonl").lines().map(Json::readTree).toList();
      return new Outcome(result, items);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "arc, arc, 0, arc_dev, 32",
    "arc, arc, 0, arc_dev, 1",
    "arcShots, arc, 3, arc_dev, 32",
    "arcOwnShots, arc, 2, arc, 32",
    "openbookqa, openbookqa, 0, arc_dev, 4",
    "mmlu, mmlu, 0, mmlu_dev, 32",
    "mmluShots, mmlu, 2, mmlu_dev, 2",
    "boolq, boolq, 0, arc_dev, 32"
  })
  void choicesAgreeWithTheHarness(
      String name, String file, int shots, String shotsData, int rowsPerTask) throws Exception {
    JsonNode expected = Json.readTree(Files.readString(golden("expected.json"))).get(name);
    Outcome outcome =
        run(
            options(
                "kind",
                "choice",
                "data",
                golden(file + ".jsonl"),
                "shots",
                shots,
                "shotsData",
                golden(shotsData + ".jsonl"),
                "rowsPerTask",
                rowsPerTask));
    assertThat(outcome.estimate("acc").value()).isEqualTo(expected.get("acc").asDouble());
    assertThat(outcome.estimate("acc_norm").value()).isEqualTo(expected.get("accNorm").asDouble());
    assertThat(outcome.estimate("acc").standardError())
        .isCloseTo(expected.get("accError").asDouble(), offset(1e-12));
    JsonNode theirs = expected.get("logLikelihoods");
    assertThat(outcome.items()).hasSize(theirs.size());
    for (int row = 0; row < theirs.size(); row++) {
      JsonNode ours = outcome.items().get(row).get("details").get("logLikelihoods");
      assertThat(ours).hasSize(theirs.get(row).size());
      for (int choice = 0; choice < ours.size(); choice++) {
        double value = theirs.get(row).get(choice).asDouble();
        assertThat(ours.get(choice).asDouble())
            .as("row %d, choice %d", row, choice)
            .isCloseTo(value, offset(1e-4 * Math.abs(value)));
      }
    }
  }

  @Test
  void lossIsThatOfTheChoicesItself() throws Exception {
    Path rows = folder.resolve("rows.jsonl");
    Files.writeString(
        rows,
        """
        {"prompt": "Which animal lays eggs?", "completion": " a hen"}
        {"prompt": "How many legs has a spider?", "completion": " eight"}
        {"text": "Rain is water that falls from clouds."}
        """);
    Outcome outcome = run(options("kind", "loss", "data", rows, "rowsPerTask", 2));
    double sum = 0;
    double tokens = 0;
    for (JsonNode item : outcome.items()) {
      sum += item.get("metrics").get("loss").asDouble();
      tokens += item.get("metrics").get("tokens").asDouble();
    }
    Estimate loss = outcome.estimate("loss");
    assertThat(loss.value()).isCloseTo(sum / tokens, offset(1e-12));
    assertThat(loss.rows()).isEqualTo(3);
    assertThat(loss.standardError()).isPositive();
    assertThat(outcome.estimate("perplexity").value())
        .isCloseTo(Math.exp(loss.value()), offset(1e-9));
    assertThat(outcome.items()).extracting(i -> i.get("row").asInt()).containsExactly(0, 1, 2);
  }

  @Test
  void generatedAnswersAreJudgedAndKept() throws Exception {
    Path rows = folder.resolve("gsm8k.jsonl");
    Files.writeString(
        rows,
        """
        {"question": "What is 3 + 4?", "answer": "3 + 4 = 7\\n#### 7"}
        {"question": "What is 1 + 1?", "answer": "1 + 1 = 2\\n#### 2"}
        """);
    Outcome outcome =
        run(
            options(
                "kind", "gsm8k", "data", rows, "maxNewTokens", 12, "shots", 1, "shotsData", rows));
    assertThat(outcome.estimate("strict").rows()).isEqualTo(2);
    JsonNode details = outcome.items().get(1).get("details");
    assertThat(details.get("prompt").asText())
        .isEqualTo(
            "Question: What is 3 + 4?\nAnswer: 3 + 4 = 7\n#### 7\n\nQuestion: What is 1 + 1?\nAnswer:");
    assertThat(details.get("response").isTextual()).isTrue();
  }

  @Test
  void limitTakesTheFirstRowsOfEachFile() throws Exception {
    String twice = golden("arc.jsonl") + "," + golden("openbookqa.jsonl");
    Outcome outcome = run(options("kind", "choice", "data", twice, "limit", 2));
    assertThat(outcome.items())
        .extracting(item -> item.get("details").get("prompt").asText())
        .containsExactly(
            "Question: Which of these is a liquid at room temperature?\nAnswer:",
            "Question: What does a plant need to make food?\nAnswer:",
            "Which of these is a liquid at room temperature?",
            "What does a plant need to make food?");
  }

  @Test
  void checkNamesWhatIsWrong() throws Exception {
    Path wrong = Files.writeString(folder.resolve("wrong.jsonl"), "{\"question\": \"Why?\"}\n");
    assertThat(complaints("kind", "choice", "data", wrong, "shots", 3))
        .isEqualTo("shotsData: missing (expected: a file of rows to take 3 examples from)");
    assertThat(complaints("kind", "choice", "data", wrong))
        .contains("data: ", "wrong.jsonl, line 1: has the fields [question] (expected: question,");
    assertThat(complaints("kind", "gsm8k", "data", wrong, "maxNewTokens", 8))
        .contains("line 1: answer: missing (expected: text)");
    assertThat(complaints("kind", "loss", "data", folder.resolve("none.jsonl")))
        .contains("data: ", "no such file");
    assertThat(complaints("kind", "choice", "data", golden("arc.jsonl"), "chat", true))
        .isEqualTo("chat: true (expected: false, for the model has no chat template)");
    assertThat(complaints("kind", "gsm8k", "data", golden("arc.jsonl"), "maxNewTokens", 512))
        .contains("maxNewTokens: 512 (expected: less than the model's context, 512)");
    assertThat(complaints("kind", "loss", "data", golden("arc.jsonl"), "model", folder))
        .contains("model: ", "no config.json, model.safetensors, tokenizer.json");
    assertThat(
            complaints(
                "kind",
                "choice",
                "data",
                golden("arc.jsonl"),
                "shots",
                9,
                "shotsData",
                golden("arc.jsonl")))
        .contains("shotsData: ", "6 rows (expected: at least shots, 9)");
    assertThatThrownBy(() -> options("data", wrong)).hasMessageContaining("kind: missing");
  }

  private static String complaints(Object... namesAndValues) throws URISyntaxException {
    return EVAL.check(options(namesAndValues)).stream()
        .map(Violation::toString)
        .collect(Collectors.joining("\n"));
  }

  /** A trained model knows how a story goes on. */
  @Test
  void aTrainedModelPrefersTheStoryItKnows() throws Exception {
    Path data = Fixtures.sharedData();
    assumeTrue(
        data != null && Files.exists(data.resolve("stories260K")),
        "no stories260K: set TROUPE_DATA to the folder that holds it");
    Path model = Files.createDirectories(folder.resolve("stories"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(data.resolve("stories260K").resolve(file), model.resolve(file));
    }
    StoriesTokenizer.write(data.resolve("stories260K/tok512.bin"), model);
    JsonNode reference =
        Json.readTree(Files.readString(data.resolve("stories260K/reference.json")));
    Path story = folder.resolve("story.jsonl");
    Files.writeString(story, Json.write(Map.of("text", reference.get("text").asText())) + "\n");
    assertThat(run(options("kind", "loss", "data", story, "model", model)).estimate("loss").value())
        .isCloseTo(0.8177, offset(1e-4)); // what its author's program says
    Path rows = folder.resolve("stories.jsonl");
    Files.writeString(
        rows,
        """
        {"question_stem": "Once upon a", "choices": {"text": ["time, there was a little girl", "spoon, there was a little girl"], "label": ["A", "B"]}, "answerKey": "A"}
        {"question_stem": "The little girl was very", "choices": {"text": ["table", "happy"], "label": ["A", "B"]}, "answerKey": "B"}
        {"question_stem": "Tom liked to play", "choices": {"text": ["with his toys.", "said was a the."], "label": ["A", "B"]}, "answerKey": "A"}
        """);
    Outcome outcome = run(options("kind", "choice", "data", rows, "model", model));
    assertThat(outcome.estimate("acc").value()).as("%s", outcome.items()).isEqualTo(1);
  }

  @Test
  void theSetsOfLlmAdaptersAreRead() throws Exception {
    Path data = Fixtures.sharedData();
    assumeTrue(
        data != null && Files.isDirectory(data.resolve("llm-adapters")),
        "no llm-adapters: set TROUPE_DATA to the folder that holds it");
    for (String set : List.of("ARC-Challenge", "ARC-Easy", "openbookqa", "boolq")) {
      for (String ask : List.of("auto", "text", "listed")) {
        Path rows = data.resolve("llm-adapters/" + set + "/test.json.gz");
        assertThat(EVAL.check(options("kind", "choice", "data", rows, "ask", ask))).isEmpty();
      }
    }
    Path numbers = data.resolve("llm-adapters/gsm8k/test.json.gz");
    Path original = data.resolve("gsm8k/test.jsonl");
    String both = numbers + "," + original;
    assertThat(EVAL.check(options("kind", "gsm8k", "data", both))).isEmpty();
    ArrayNode violations = Json.mapper().createArrayNode();
    EVAL.check(options("kind", "choice", "data", numbers))
        .forEach(v -> violations.add(v.toString()));
    assertThat(StreamSupport.stream(violations.spliterator(), false).map(JsonNode::asText))
        .singleElement()
        .asString()
        .contains("element 1: instruction: ends without 'Answer format: ...'");
  }

  @Test
  void theWorkloadIsFoundByName() throws IOException {
    assertThat(EVAL.name()).isEqualTo("sft-eval");
    assertThat(java.util.ServiceLoader.load(dev.troupe.core.Workload.class))
        .extracting(w -> w.name())
        .contains("sft-eval");
  }
}
