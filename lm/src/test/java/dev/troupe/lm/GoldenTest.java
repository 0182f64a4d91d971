package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Safetensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against transformers; the files are made by {@code src/test/python/golden.py}. */
class GoldenTest {

  /** One bucket for all, and a bucket for each block. */
  private static final String CASES =
      """
      grouped,     1000000
      grouped,     4000
      untied,      1000000
      untied,      1
      wide-heads,  1000000
      wide-heads,  4000
      llama3-rope, 1000000
      llama-biases, 4000
      mistral, 1000000
      mistral-window, 4000
      qwen2, 1000000
      qwen2, 1
      qwen2-untied, 4000
      gpt2, 1000000
      gpt2, 1
      gpt2-untied, 4000
      """;

  @ParameterizedTest
  @CsvSource(textBlock = CASES)
  void agreesWithTransformers(String name, int bucketBytes) throws Exception {
    Path folder = Golden.folder(name);
    JsonNode expected = Golden.expected(name);
    Safetensors tensors = Safetensors.open(folder.resolve("expected.safetensors"));
    try (CausalLm model = CausalLm.load(folder, bucketBytes)) {
      Batch batch = Batch.of(Golden.examples(expected), model.config().context());
      double loss = expected.get("loss").asDouble();

      List<Integer> ready = new ArrayList<>();
      ByteBuffer gradients = FlatMath.allocate(model.layout().size());
      Loss trained =
          model.forwardBackward(batch, expected.get("divisor").asDouble(), gradients, ready::add);
      assertThat(trained.sum()).isCloseTo(loss, within(loss));
      assertThat(trained.tokens()).isEqualTo(batch.countedTokens());
      assertThat(model.evaluate(batch).sum()).isCloseTo(loss, within(loss));

      int buckets = model.layout().buckets().size();
      assertThat(ready).hasSize(buckets).isSortedAccordingTo((a, b) -> Integer.compare(b, a));

      model.recompute(true);
      ByteBuffer again = FlatMath.allocate(model.layout().size());
      model.forwardBackward(batch, expected.get("divisor").asDouble(), again, bucket -> {});
      assertThat(again).as("with activations computed twice").isEqualTo(gradients);

      FloatBuffer flat = gradients.order(ByteOrder.nativeOrder()).asFloatBuffer();
      for (Layout.Entry entry : model.layout().entries()) {
        float[] ours = new float[entry.length()];
        flat.get(entry.offset(), ours);
        close(entry.name(), ours, read(tensors, "grad." + entry.name(), entry.length()));
      }
      checkLogits(model, batch, Golden.examples(expected), tensors);
    }
  }

  @ParameterizedTest
  @CsvSource({"grouped, false", "mistral-window, true", "qwen2-untied, true", "gpt2, false"})
  void scoresAreThoseOfTransformersLogits(String name, boolean packed) throws Exception {
    Path folder = Golden.folder(name);
    JsonNode expected = Golden.expected(name);
    Safetensors tensors = Safetensors.open(folder.resolve("expected.safetensors"));
    List<Example> examples = Golden.examples(expected);
    try (CausalLm model = CausalLm.load(folder)) {
      int context = model.config().context();
      int vocab = model.config().vocabSize();
      int time = examples.stream().mapToInt(Example::length).max().orElseThrow();
      float[] logits = read(tensors, "logits", examples.size() * time * vocab);
      List<Score> scores =
          model.score(packed ? Batch.packed(examples, context) : Batch.of(examples, context));
      assertThat(scores).hasSize(examples.size());
      for (int row = 0; row < examples.size(); row++) {
        int at = row * time * vocab;
        Score theirs = score(examples.get(row), FloatBuffer.wrap(logits, at, time * vocab), vocab);
        Score ours = scores.get(row);
        assertThat(ours.logLikelihood())
            .isCloseTo(theirs.logLikelihood(), within(-theirs.logLikelihood()));
        assertThat(ours.tokens()).isEqualTo(theirs.tokens());
        assertThat(ours.greedy()).isEqualTo(theirs.greedy());
      }
    }
  }

  @Test
  void whatTheModelGeneratesIsGreedy() throws Exception {
    JsonNode expected = Golden.expected("grouped");
    int[] prompt = Golden.examples(expected).get(0).tokens();
    JsonNode answer = expected.get("answers").get(0);
    int[] tokens = java.util.Arrays.copyOf(prompt, prompt.length + answer.size());
    boolean[] counted = new boolean[tokens.length];
    for (int t = 0; t < answer.size(); t++) {
      tokens[prompt.length + t] = answer.get(t).asInt();
      counted[prompt.length + t] = true;
    }
    try (CausalLm model = CausalLm.load(Golden.folder("grouped"))) {
      Batch batch = Batch.of(List.of(new Example(tokens, counted)), model.config().context());
      assertThat(model.score(batch))
          .singleElement()
          .satisfies(score -> assertThat(score.greedy()).isTrue())
          .satisfies(score -> assertThat(score.tokens()).isEqualTo(answer.size()));
    }
  }

  /** From scores of the next token, {@code [time, vocab]}. */
  private static Score score(Example example, FloatBuffer logits, int vocab) {
    double sum = 0;
    boolean greedy = true;
    for (int t = 1; t < example.length(); t++) {
      if (example.counted()[t]) {
        float[] row = new float[vocab];
        logits.duplicate().position(logits.position() + (t - 1) * vocab).get(row);
        double total = 0;
        float most = Float.NEGATIVE_INFINITY;
        for (float logit : row) {
          total += Math.exp(logit);
          most = Math.max(most, logit);
        }
        sum += row[example.tokens()[t]] - Math.log(total);
        greedy &= row[example.tokens()[t]] == most;
      }
    }
    return new Score(sum, example.countedTokens(), greedy);
  }

  private static void checkLogits(
      CausalLm model, Batch batch, List<Example> examples, Safetensors tensors) {
    int vocab = model.config().vocabSize();
    int row = batch.length(0) * vocab;
    float[] theirs = read(tensors, "logits", batch.rows() * row);
    float[][] ours = model.logits(batch);
    for (int i = 0; i < batch.rows(); i++) {
      int n = examples.get(i).length() * vocab;
      close(
          "logits of row " + i,
          java.util.Arrays.copyOf(ours[i], n),
          java.util.Arrays.copyOfRange(theirs, i * row, i * row + n));
    }
  }

  @ParameterizedTest
  @CsvSource(textBlock = CASES)
  void generatesWhatTransformersGenerates(String name, int bucketBytes) throws Exception {
    JsonNode expected = Golden.expected(name);
    try (CausalLm model = CausalLm.load(Golden.folder(name), bucketBytes)) {
      List<int[]> prompts = Golden.examples(expected).stream().map(Example::tokens).toList();
      List<int[]> answers = model.generate(prompts, 6, Set.of());
      for (int i = 0; i < answers.size(); i++) {
        JsonNode answer = expected.get("answers").get(i);
        int[] theirs = new int[answer.size()];
        java.util.Arrays.setAll(theirs, t -> answer.get(t).asInt());
        assertThat(answers.get(i)).as("answer %d", i).isEqualTo(theirs);
      }
    }
  }

  /** What transformers saved, in each type and in shards, is the same model but for rounding. */
  @ParameterizedTest
  @CsvSource({"shards-bf16, 0.004", "shards-fp16, 0.0005"})
  void readsShardsInHalfPrecision(String name, float precision) throws Exception {
    assertThat(Golden.folder(name).resolve("model.safetensors")).doesNotExist();
    try (CausalLm rounded = CausalLm.load(Golden.folder(name));
        CausalLm exact = CausalLm.load(Golden.folder("grouped"))) {
      FloatBuffer ours = rounded.parameters().asFloatBuffer();
      FloatBuffer theirs = exact.parameters().asFloatBuffer();
      int different = 0;
      for (int i = 0; i < theirs.limit(); i++) {
        assertThat(ours.get(i)).isCloseTo(theirs.get(i), relative(theirs.get(i), precision));
        different += ours.get(i) == theirs.get(i) ? 0 : 1;
      }
      assertThat(different).isGreaterThan(theirs.limit() / 2);
    }
  }

  private static org.assertj.core.data.Offset<Float> relative(float value, float precision) {
    return org.assertj.core.data.Offset.offset(Math.abs(value) * precision + 1e-7f);
  }

  private static org.assertj.core.data.Offset<Double> within(double value) {
    return org.assertj.core.data.Offset.offset(1e-5 * value);
  }

  private static float[] read(Safetensors tensors, String name, int length) {
    FloatBuffer buffer = FloatBuffer.allocate(length);
    tensors.read(name, buffer);
    return buffer.array();
  }

  /** Largest difference within 1e-4 of the largest value. */
  private static void close(String what, float[] ours, float[] theirs) {
    double scale = 0;
    double difference = 0;
    for (int i = 0; i < theirs.length; i++) {
      scale = Math.max(scale, Math.abs(theirs[i]));
      difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    }
    assertThat(difference).as(what).isLessThanOrEqualTo(1e-4 * scale);
  }
}
