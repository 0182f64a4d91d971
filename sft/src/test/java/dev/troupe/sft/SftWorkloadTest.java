package dev.troupe.sft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.core.Json;
import dev.troupe.core.Result;
import dev.troupe.core.TaskFailedException;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Violation;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.Tokenizer;
import dev.troupe.tensor.Layout;
import dev.troupe.testkit.LocalCluster;
import dev.troupe.testkit.LocalCluster.Loss;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SftWorkloadTest {

  private static final SftWorkload SFT = new SftWorkload();

  @TempDir private static Path folder;

  private static Path model;
  private static Path data;

  @BeforeAll
  static void write() throws IOException {
    model = Fixtures.model(folder);
    data = Fixtures.data(folder, 50);
  }

  private static SftOptions options(Object... namesAndValues) {
    return Fixtures.shortRun(model, data, 8, namesAndValues);
  }

  private static Result run(int ranks, SftOptions options, Loss... losses) throws Exception {
    try (LocalCluster cluster = new LocalCluster(ranks, losses)) {
      Result result = SFT.run(cluster.job(), options);
      assertThat(cluster.generations()).isEqualTo(1 + losses.length);
      return result;
    }
  }

  private static Object weights(int ranks, SftOptions options, Loss... losses) throws Exception {
    return run(ranks, options, losses).values().get("weightsSha256");
  }

  @Test
  void ranksAndInterruptionsDoNotChangeTheWeights() throws Exception {
    Object alone = weights(1, options());
    assertThat(weights(2, options())).isEqualTo(alone);
    assertThat(weights(3, options())).isEqualTo(alone);
    assertThat(weights(4, options())).isEqualTo(alone);
    // before the first checkpoint, at one, and between two; 2 ranks, then 1, 3 and 2
    Object interrupted = weights(2, options(), new Loss(2, 1), new Loss(6, 3), new Loss(8, 2));
    assertThat(interrupted).isEqualTo(alone);
    assertThat(weights(2, options("seed", 43))).isNotEqualTo(alone);
  }

  @Test
  void shardsOfTheOptimizerSaveMemoryAndChangeNoBit() throws Exception {
    Map<String, Object> whole = run(2, options("shardOptimizer", false)).values();
    SftOptions alone = options("peerCopy", false);
    Map<String, Object> half = run(2, alone).values();
    Map<String, Object> third = run(3, alone, new Loss(5, 2), new Loss(7, 3)).values();
    Map<String, Object> copied = run(4, options(), new Loss(5, 2), new Loss(7, 4)).values();
    assertThat(half.get("weightsSha256")).isEqualTo(whole.get("weightsSha256"));
    assertThat(third.get("weightsSha256")).isEqualTo(whole.get("weightsSha256"));
    assertThat(copied.get("weightsSha256")).isEqualTo(whole.get("weightsSha256"));
    double bytes = (Long) whole.get("optimizerBytes");
    assertThat((Long) half.get("optimizerBytes") / bytes).isCloseTo(1 / 2.0, within(0.05));
    assertThat((Long) third.get("optimizerBytes") / bytes).isCloseTo(1 / 3.0, within(0.1));
    assertThat((Long) copied.get("optimizerBytes") / bytes).isCloseTo(2 / 4.0, within(0.1));
    // a checkpoint of ranks that hold all
    SftOptions unsharded = options("shardOptimizer", false);
    assertThat(weights(2, unsharded, new Loss(7, 1))).isEqualTo(whole.get("weightsSha256"));
  }

  @Test
  void packingLeavesOutThePaddingAndChangesNoLoss() throws Exception {
    Map<String, Object> packed = run(2, options()).values();
    assertThat((Double) packed.get("paddingShare")).isZero();
    Map<String, Object> padded = run(2, options("packing", false)).values();
    assertThat((Double) padded.get("paddingShare")).isBetween(0.01, 0.5);
    assertThat((Double) packed.get("lossLast"))
        .isCloseTo((Double) padded.get("lossLast"), within(1e-4));
  }

  @Test
  void inBf16TheLossFallsTheSameOnAnyNumberOfRanks() throws Exception {
    Map<String, Object> exact = run(1, options("steps", 20)).values();
    SftOptions mixed = options("steps", 20, "precision", "bf16");
    Map<String, Object> alone = run(1, mixed).values();
    assertThat((Double) alone.get("lossLast"))
        .isLessThan(0.9 * (Double) alone.get("lossFirst"))
        .isCloseTo((Double) exact.get("lossLast"), within(0.05));
    assertThat(alone.get("weightsSha256")).isNotEqualTo(exact.get("weightsSha256"));
    assertThat(weights(3, mixed, new Loss(10, 4))).isEqualTo(alone.get("weightsSha256"));
  }

  @Test
  void lossFallsAndTheResultIsAHuggingFaceFolder() throws Exception {
    Path out = folder.resolve("tuned");
    SftOptions options =
        options("steps", 40, "evalFraction", 0.2, "out", out, "schedule", "cosine");
    try (LocalCluster cluster = new LocalCluster(2)) {
      Map<String, Object> result = SFT.run(cluster.job(), options).values();
      assertThat((Double) result.get("lossLast")).isLessThan((Double) result.get("lossFirst"));
      assertThat((Double) result.get("evalLoss")).isLessThan((Double) result.get("evalLossBefore"));
      assertThat(result).containsEntry("steps", 40L).containsEntry("rows", 40);
      assertThat((Double) result.get("tokensPerSecond")).isPositive();
      assertThat((Double) result.get("allReduceShare")).isBetween(0.0, 1.0);
      if (Files.exists(Path.of("/proc/self/status"))) {
        assertThat((Long) result.get("peakMemoryBytes")).isBetween(50L << 20, 64L << 30);
      }
      assertThat(cluster.artifacts())
          .contains("config.json", "model.safetensors", "tokenizer.json", "report.html");
      assertThat(cluster.text("metrics.jsonl").lines()).hasSize(40);
      assertThat(cluster.progress().get("train")).containsKeys("loss", "tokensPerSecond");
      try (CausalLm tuned = CausalLm.load(out);
          Tokenizer tokenizer = Tokenizer.load(out)) {
        assertThat(tuned.weightsSha256()).isEqualTo(result.get("weightsSha256"));
        assertThat(tokenizer.decode(tokenizer.encode("abc"))).isEqualTo("abc");
      }
    }
  }

  @Test
  void adaptersAreTrainedAloneAndMerged() throws Exception {
    Path out = folder.resolve("adapted");
    Object[] lora = {
      "steps",
      20,
      "loraRank",
      4,
      "loraAlpha",
      8,
      "loraTargets",
      "q_proj,v_proj",
      "out",
      out,
      "ema",
      0.9
    };
    Map<String, Object> alone = run(1, options(lora)).values();
    assertThat((Double) alone.get("lossLast")).isLessThan((Double) alone.get("lossFirst"));
    Map<String, Object> all = run(1, options()).values();
    assertThat((Long) alone.get("optimizerBytes")).isLessThan((Long) all.get("optimizerBytes") / 4);
    try (CausalLm before = CausalLm.load(model);
        CausalLm after = CausalLm.load(out);
        CausalLm average = CausalLm.load(out.resolve("ema"))) {
      assertThat(after.weightsSha256()).isEqualTo(alone.get("weightsSha256"));
      assertThat(average.weightsSha256()).isNotEqualTo(after.weightsSha256());
      for (Layout.Entry entry : after.layout().entries()) {
        boolean same = slice(before, entry).equals(slice(after, entry));
        assertThat(same).as(entry.name()).isEqualTo(!entry.name().matches(".*\\.[qv]_proj\\..*"));
      }
    }
    lora[9] = folder.resolve("adapted-by-three");
    assertThat(weights(3, options(lora), new Loss(10, 2))).isEqualTo(alone.get("weightsSha256"));
  }

  private static FloatBuffer slice(CausalLm model, Layout.Entry entry) {
    return model.parameters().asFloatBuffer().slice(entry.offset(), entry.length());
  }

  @Test
  void checkRefusesAdaptersThatDoNotFit() {
    assertThat(SFT.check(options("loraRank", 4, "loraTargets", "c_attn")))
        .extracting(Violation::toString)
        .singleElement()
        .asString()
        .startsWith("loraTargets: c_attn (expected: some of q_proj, k_proj");
    assertThat(SFT.check(options("loraAlpha", 4)))
        .extracting(Violation::toString)
        .containsExactly("loraRank: 0 (expected: > 0 where loraAlpha or loraTargets is given)");
  }

  @Test
  void theModelIsExportedAtStepsAndAveragedOverThem() throws Exception {
    Path out = folder.resolve("exported");
    Path early = folder.resolve("early");
    SftOptions options = options("exportEvery", 4, "exportAt", "3", "ema", 0.5, "out", out);
    assertThat(SFT.check(options)).isEmpty();
    Object weights = weights(2, options, new Loss(7, 3));
    assertThat(weights).isEqualTo(weights(1, options())); // neither changes the run
    run(1, options("steps", 4, "out", early));
    try (CausalLm last = CausalLm.load(out);
        CausalLm third = CausalLm.load(out.resolve("step-3"));
        CausalLm fourth = CausalLm.load(out.resolve("step-4"));
        CausalLm stopped = CausalLm.load(early);
        CausalLm eighth = CausalLm.load(out.resolve("step-8"));
        CausalLm average = CausalLm.load(out.resolve("ema"))) {
      assertThat(last.weightsSha256()).isEqualTo(weights);
      assertThat(eighth.weightsSha256()).isEqualTo(weights);
      assertThat(third.weightsSha256()).isNotEqualTo(fourth.weightsSha256());
      assertThat(fourth.weightsSha256()).isEqualTo(stopped.weightsSha256());
      // half of the last weights, a quarter of those before, and so on
      int at = last.layout().entries().get(0).offset();
      assertThat((double) average.parameters().getFloat(at * Float.BYTES))
          .isCloseTo(averageOfExports(at), within(1e-6));
    }
  }

  /** The average of a parameter as the weights of every step make it. */
  private static double averageOfExports(int element) throws Exception {
    Path out = folder.resolve("each");
    run(1, options("exportEvery", 1, "out", out));
    double average;
    try (CausalLm start = CausalLm.load(model)) {
      average = start.parameters().getFloat(element * Float.BYTES);
    }
    for (int step = 1; step <= 8; step++) {
      try (CausalLm then = CausalLm.load(out.resolve("step-" + step))) {
        average = (average + then.parameters().getFloat(element * Float.BYTES)) / 2;
      }
    }
    return average;
  }

  @Test
  void heldOutLossIsMeasuredMeanwhileAndChangesNothing() throws Exception {
    Object alone = weights(1, options("evalFraction", 0.2));
    SftOptions watched = options("evalFraction", 0.2, "evalEvery", 3);
    try (LocalCluster cluster = new LocalCluster(2, new Loss(5, 1))) {
      Map<String, Object> result = SFT.run(cluster.job(), watched).values();
      assertThat(result).containsEntry("weightsSha256", alone);
      List<JsonNode> lines = cluster.text("eval.jsonl").lines().map(Json::readTree).toList();
      assertThat(lines).extracting(line -> line.get("step").asInt()).containsExactly(3, 6, 8);
      assertThat(lines.get(2).get("loss").asDouble()).isEqualTo(result.get("evalLoss"));
      assertThat(cluster.text("metrics.jsonl").lines().map(Json::readTree))
          .filteredOn(line -> line.has("evalLoss"))
          .extracting(line -> line.get("evalLoss").asDouble())
          .isEqualTo(lines.stream().map(line -> line.get("loss").asDouble()).toList());
      JsonNode curve = block(cluster, "plot", "Held-out loss").get("lines").get(0);
      assertThat(curve.get("x")).map(JsonNode::asInt).containsExactly(0, 3, 6, 8);
      assertThat(block(cluster, "table", "Held-out rows, nats a token").get("rows")).hasSize(4);
    }
    assertThat(SFT.check(options("exportAt", "8,9")))
        .extracting(Violation::toString)
        .containsExactly("exportAt: 9 (expected: at most steps, 8)");
    assertThat(SFT.check(options("evalEvery", 3)))
        .extracting(Violation::toString)
        .containsExactly("evalEvery: 3 (expected: 0 without evalData or evalFraction)");
  }

  /** The block of a report's JSON with that title. */
  static JsonNode block(LocalCluster cluster, String kind, String title) {
    for (JsonNode block : Json.readTree(cluster.text("report.json")).get("blocks")) {
      if (title.equals(block.path(kind).asText())) {
        return block;
      }
    }
    throw new AssertionError("the report has no %s '%s'".formatted(kind, title));
  }

  @Test
  void aPreviewShowsWhatIsLearnedAndTrainsNothing() throws Exception {
    String twice = data + ":2.5";
    try (LocalCluster cluster = new LocalCluster(1)) {
      SftOptions options = options("data", twice, "preview", 5, "tooLong", "drop", "maxLength", 20);
      assertThat(SFT.check(options)).isEmpty();
      Map<String, Object> result = SFT.run(cluster.job(), options).values();
      assertThat(result).doesNotContainKey("weightsSha256");
      assertThat((Integer) result.get("droppedRows")).isPositive();
      assertThat((Integer) result.get("rows") + (Integer) result.get("droppedRows")).isEqualTo(50);
      String shown = (String) result.get("preview");
      assertThat(shown).contains("--- example 5: ").doesNotContain("--- example 6: ");
      assertThat(shown.lines().filter(line -> line.startsWith("say ")))
          .hasSize(5)
          .allSatisfy(line -> assertThat(line).matches("say (\\w+):⟦\\1<\\|im_end\\|>⟧"));
      assertThat(cluster.text("preview.txt")).isEqualTo(shown);
      assertThat(cluster.generations()).isZero();
    }
  }

  @Test
  void weightsOfFilesDoNotDependOnRanks() throws Exception {
    String weighted = data + ":1.5";
    Object alone = weights(1, options("data", weighted));
    assertThat(weights(3, options("data", weighted), new Loss(5, 2))).isEqualTo(alone);
    assertThat(weights(1, options())).isNotEqualTo(alone);
  }

  @Test
  void divergenceFailsWithStepAndLearningRate() {
    SftOptions options = options("learningRate", 1e30, "warmup", 0, "clip", 0);
    assertThatThrownBy(() -> run(2, options))
        .isInstanceOf(TaskFailedException.class)
        .hasMessageContaining("step 2: the loss is")
        .hasMessageContaining("learning rate was 1.000e+30");
  }

  @Test
  void aLossThatRisesFarAboveTheFirstFailsTheRunThoughItIsFinite() {
    SftOptions options = options("steps", 60, "learningRate", 30, "warmup", 0);
    assertThatThrownBy(() -> run(2, options))
        .isInstanceOf(TaskFailedException.class)
        .hasMessageContaining("which is worse than guessing (expected: it falls)")
        .hasMessageContaining("the learning rate was 30.00. Lower learningRate");
  }

  @Test
  void aModelWithoutFiniteWeightsIsNamedRatherThanTheLearningRate() throws IOException {
    Path broken = copyOfModel("not-finite");
    String name;
    try (CausalLm weights = CausalLm.load(broken)) {
      Layout.Entry entry = weights.layout().entries().get(3);
      weights.parameters().asFloatBuffer().put(entry.offset(), Float.NaN);
      weights.save(broken, null);
      name = entry.name();
    }
    assertThatThrownBy(() -> run(2, options("model", broken)))
        .hasMessageContaining(
            "model: " + name + " holds NaN or infinity (expected: finite weights)");
  }

  @Test
  void checkFindsADamagedModel() throws IOException {
    Path cut = copyOfModel("cut");
    byte[] whole = Files.readAllBytes(cut.resolve("model.safetensors"));
    Files.write(cut.resolve("model.safetensors"), Arrays.copyOf(whole, whole.length / 2));
    assertThat(complaint("model", cut)).contains("is the file cut short?");

    Path larger = copyOfModel("larger");
    String config = Files.readString(larger.resolve("config.json"));
    Files.writeString(
        larger.resolve("config.json"), config.replaceFirst("(\"num_hidden_layers\" : )2", "$13"));
    assertThat(complaint("model", larger))
        .contains("model.layers.2.input_layernorm.weight: missing", "as config.json says");

    Path bare = copyOfModel("bare");
    Files.delete(bare.resolve("tokenizer.json"));
    Files.delete(bare.resolve("model.safetensors"));
    assertThat(complaint("model", bare))
        .contains("bare: no model.safetensors, tokenizer.json (expected: a local Hugging Face");

    Path words = copyOfModel("words");
    Tokenizer.writeCharacters(
        words, "aábcdefghijklmnopqrstuvwxyz:>|_? \n0123456789ABCDEFGHIJKLMNOP");
    Path row =
        Files.writeString(
            folder.resolve("p.jsonl"), "{\"prompt\": \"a\", \"completion\": \"P\"}\n");
    assertThat(SFT.check(options("model", words, "data", row)).get(0).description())
        .contains("tokenizer.json makes token", "is it another model's?");
  }

  @Test
  void checkRefusesAnOutFolderThatCannotBeMade() {
    assertThat(complaint("out", data.resolve("tuned"))).contains("rows.jsonl cannot be written to");
  }

  @Test
  void aRowThatIsNeededForTrainingIsNotHeldOut() throws Exception {
    Path one =
        Files.writeString(
            folder.resolve("one.jsonl"), "{\"prompt\": \"a\", \"completion\": \"b\"}\n");
    assertThatThrownBy(() -> run(1, options("data", one, "evalFraction", 0.5)))
        .hasMessageContaining("evalFraction: 0.5 (expected: 0 with a single row");
    assertThat(run(1, options("evalFraction", 0.001)).values()).containsEntry("rows", 49);
  }

  @Test
  void anOutFolderThatCannotBeMadeFailsBeforeTraining() throws Exception {
    Path out = data.resolve("tuned");
    try (LocalCluster cluster = new LocalCluster(2)) {
      assertThatThrownBy(() -> SFT.run(cluster.job(), options("out", out)))
          .hasMessageContaining("out: " + out + " (expected: a folder that the worker of rank 0");
      assertThat(cluster.progress()).doesNotContainKey("train");
    }
  }

  private static String complaint(String option, Object value) {
    List<Violation> violations = SFT.check(options(option, value));
    assertThat(violations).extracting(Violation::field).containsExactly(option);
    return violations.get(0).description();
  }

  private static Path copyOfModel(String name) throws IOException {
    Path copy = Files.createDirectories(folder.resolve(name));
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(file.getFileName()));
      }
    }
    return copy;
  }

  @Test
  void checkNamesWhatIsWrong() throws IOException {
    assertThat(SFT.check(options())).isEmpty();
    Path damaged = Files.writeString(folder.resolve("damaged.jsonl"), "{\"prompt\": \"a\"}\n");
    SftOptions wrong =
        options("microBatches", 15, "workers", 16, "minWorkers", 17, "maxLength", 400);
    assertThat(SFT.check(wrong).stream().map(Violation::toString))
        .containsExactly(
            "microBatches: 15 (expected: at most batch, 14)",
            "workers: 16 (expected: at most microBatches, 15, so that each has work)",
            "minWorkers: 17 (expected: at most workers, 16)",
            "maxLength: 400 (expected: at most the model's context, 48)");
    assertThat(SFT.check(options("data", damaged)))
        .singleElement()
        .satisfies(v -> assertThat(v.field()).isEqualTo("data"))
        .satisfies(v -> assertThat(v.description()).contains("line 1: completion: missing"));
    assertThat(SFT.check(options("data", "no-such-file.jsonl")))
        .extracting(Violation::field)
        .containsExactly("data");
    assertThat(SFT.check(options("model", "hf:tiny", "data", data + ":200")))
        .extracting(Violation::field) // what is wrong with files does not wait for the model
        .containsExactly("data", "model");
    assertThat(SFT.check(options("model", folder.resolve("nowhere"))))
        .extracting(Violation::field)
        .containsExactly("model");
    assertThat(SFT.check(options("out", model)))
        .extracting(Violation::field)
        .containsExactly("out");
    assertThat(SFT.check(options("maxLength", 8)).get(0).description())
        .contains("tokens (expected: at most maxLength, 8");
  }

  @Test
  void workloadsAreFoundByName() {
    List<String> names = new ArrayList<>();
    for (Workload<?> workload : ServiceLoader.load(Workload.class)) {
      names.add(workload.name());
    }
    assertThat(names).contains("sft", "demo");
  }
}
