package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Safetensors;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
      """;

  private static Path folder(String name) throws Exception {
    URL url = GoldenTest.class.getResource("/golden/" + name + "/config.json");
    return Path.of(url.toURI()).getParent();
  }

  private static JsonNode expected(Path folder) throws Exception {
    return new ObjectMapper().readTree(folder.resolve("expected.json").toFile());
  }

  private static List<Example> examples(JsonNode expected) {
    List<Example> examples = new ArrayList<>();
    for (JsonNode row : expected.get("rows")) {
      int n = row.get("tokens").size();
      int[] tokens = new int[n];
      boolean[] counted = new boolean[n];
      for (int t = 0; t < n; t++) {
        tokens[t] = row.get("tokens").get(t).asInt();
        counted[t] = row.get("counted").get(t).asBoolean();
      }
      examples.add(new Example(tokens, counted));
    }
    return examples;
  }

  @ParameterizedTest
  @CsvSource(textBlock = CASES)
  void agreesWithTransformers(String name, int bucketBytes) throws Exception {
    Path folder = folder(name);
    JsonNode expected = expected(folder);
    Safetensors tensors = Safetensors.open(folder.resolve("expected.safetensors"));
    try (CausalLm model = CausalLm.load(folder, bucketBytes)) {
      Batch batch = Batch.of(examples(expected), model.config().context());
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

      FloatBuffer flat = gradients.order(ByteOrder.nativeOrder()).asFloatBuffer();
      for (Layout.Entry entry : model.layout().entries()) {
        float[] ours = new float[entry.length()];
        flat.get(entry.offset(), ours);
        close(entry.name(), ours, read(tensors, "grad." + entry.name(), entry.length()));
      }
      checkLogits(model, batch, examples(expected), tensors);
    }
  }

  private static void checkLogits(
      CausalLm model, Batch batch, List<Example> examples, Safetensors tensors) {
    int vocab = model.config().vocabSize();
    int row = batch.time() * vocab;
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
    JsonNode expected = expected(folder(name));
    try (CausalLm model = CausalLm.load(folder(name), bucketBytes)) {
      List<int[]> prompts = examples(expected).stream().map(Example::tokens).toList();
      List<int[]> answers = model.generate(prompts, 6, Set.of());
      for (int i = 0; i < answers.size(); i++) {
        JsonNode answer = expected.get("answers").get(i);
        int[] theirs = new int[answer.size()];
        java.util.Arrays.setAll(theirs, t -> answer.get(t).asInt());
        assertThat(answers.get(i)).as("answer %d", i).isEqualTo(theirs);
      }
    }
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
