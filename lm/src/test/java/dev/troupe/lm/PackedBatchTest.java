package dev.troupe.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Packed examples give what padded ones give, in every architecture. */
class PackedBatchTest {

  static final List<String> MODELS = Golden.MODELS;

  /** Of lengths from 1 to 40, neighbours of one length among them, some tokens not counted. */
  private static List<Example> examples(int vocab) {
    SplittableRandom random = new SplittableRandom(4);
    return IntStream.of(7, 40, 1, 12, 12, 12, 2, 23, 23)
        .mapToObj(
            length -> {
              boolean[] counted = new boolean[length];
              Arrays.fill(counted, length / 3, length, true);
              return new Example(random.ints(length, 0, vocab).toArray(), counted);
            })
        .toList();
  }

  private static FloatBuffer gradients(CausalLm model, Batch batch, Loss[] loss) {
    ByteBuffer gradients = FlatMath.allocate(model.layout().size());
    loss[0] = model.forwardBackward(batch, batch.countedTokens(), gradients, bucket -> {});
    return gradients.asFloatBuffer();
  }

  @ParameterizedTest
  @FieldSource("MODELS")
  void hasTheLossAndGradientsOfPadded(String name) throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder(name), 4000)) {
      List<Example> examples = examples(model.config().vocabSize());
      Batch padded = Batch.of(examples, model.config().context());
      Batch packed = Batch.packed(examples, model.config().context());
      assertThat(packed.positions()).isEqualTo(132).isLessThan(padded.positions());

      Loss[] loss = new Loss[2];
      FloatBuffer theirs = gradients(model, padded, loss);
      double expected = loss[0].sum();
      FloatBuffer ours = gradients(model, packed, loss);
      assertThat(loss[0].sum()).isCloseTo(expected, offset(1e-5 * expected));
      assertThat(loss[0].tokens()).isEqualTo(padded.countedTokens());
      assertThat(model.evaluate(packed).sum()).isCloseTo(expected, offset(1e-5 * expected));
      for (Layout.Entry entry : model.layout().entries()) {
        close(
            entry.name(),
            ours.slice(entry.offset(), entry.length()),
            theirs.slice(entry.offset(), entry.length()));
      }
      float[][] scores = model.logits(packed);
      float[][] wider = model.logits(padded);
      for (int row = 0; row < scores.length; row++) {
        assertThat(scores[row]).hasSize(examples.get(row).length() * model.config().vocabSize());
        FloatBuffer same = FloatBuffer.wrap(wider[row], 0, scores[row].length).slice();
        close("logits of row " + row, FloatBuffer.wrap(scores[row]), same);
      }
    }
  }

  /** Largest difference within 1e-5 of the largest value. */
  private static void close(String what, FloatBuffer ours, FloatBuffer theirs) {
    double scale = 0;
    double difference = 0;
    for (int i = 0; i < theirs.limit(); i++) {
      scale = Math.max(scale, Math.abs(theirs.get(i)));
      difference = Math.max(difference, Math.abs(ours.get(i) - theirs.get(i)));
    }
    assertThat(difference).as(what).isLessThanOrEqualTo(1e-5 * scale);
  }

  @Test
  void noExampleSeesAnother() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("grouped"))) {
      Example first = Example.of(new int[] {1, 2, 3, 4, 5});
      Example second = Example.of(new int[] {6, 7, 8});
      float[] alone = model.logits(Batch.packed(List.of(second), 48))[0];
      float[] behind = model.logits(Batch.packed(List.of(first, second), 48))[1];
      close("second", FloatBuffer.wrap(behind), FloatBuffer.wrap(alone));
    }
  }

  @Test
  void mayBeLongerThanTheContextInAllButNotInOneExample() throws Exception {
    try (CausalLm model = CausalLm.load(Golden.folder("gpt2"))) {
      Example half = Example.of(new int[40]);
      Batch batch = Batch.packed(List.of(half, half, half), 48);
      assertThat(batch.positions()).isEqualTo(120);
      assertThat(model.evaluate(batch).tokens()).isEqualTo(117);
      assertThatThrownBy(() -> Batch.packed(List.of(Example.of(new int[49])), 48))
          .hasMessageContaining("example 0: 49 tokens (expected: 1 to the model's context of 48");
      Batch other = Batch.packed(List.of(Example.of(new int[49])), 60);
      assertThatThrownBy(() -> model.evaluate(other))
          .hasMessageContaining("batch: a row of 49 tokens (expected: at most");
    }
  }
}
