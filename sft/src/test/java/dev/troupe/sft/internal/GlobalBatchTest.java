package dev.troupe.sft.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.lm.Batch;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.Example;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Loss;
import dev.troupe.tensor.Engine;
import dev.troupe.tensor.FlatMath;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class GlobalBatchTest {

  private static final int CONTEXT = 64;

  private static GlobalBatch batch(List<Example> examples, int microBatches, boolean packed) {
    int[] rows = IntStream.range(0, examples.size()).toArray();
    return GlobalBatch.of(new Dataset(examples, 0), rows, microBatches, packed);
  }

  private static List<Example> ofLengths(List<Integer> lengths) {
    return lengths.stream().map(n -> Example.of(new int[n])).toList();
  }

  @Property(tries = 200)
  void packedMicroBatchesHaveAboutAsManyTokensEach(
      @ForAll @Size(min = 1, max = 24) List<@IntRange(min = 1, max = CONTEXT) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 24) int pieces) {
    int microBatches = Math.min(pieces, lengths.size());
    GlobalBatch batch = batch(ofLengths(lengths), microBatches, true);
    int rows = 0;
    int positions = 0;
    int fullest = 0;
    int emptiest = Integer.MAX_VALUE;
    for (int leaf = 0; leaf < microBatches; leaf++) {
      Batch packed = batch.leaf(leaf, CONTEXT);
      assertThat(packed.isPacked()).isTrue();
      rows += packed.rows();
      positions += packed.positions();
      fullest = Math.max(fullest, packed.positions());
      emptiest = Math.min(emptiest, packed.positions());
    }
    assertThat(rows).isEqualTo(lengths.size());
    assertThat((long) positions).isEqualTo(batch.tokens());
    assertThat(batch.paddingShare()).isZero();
    // the fullest got its last row when it was the emptiest
    assertThat(fullest - emptiest)
        .isLessThanOrEqualTo(lengths.stream().max(Integer::compare).get());
  }

  @Test
  void packedRowsAreDealtOutTheLongestFirst() {
    GlobalBatch batch = batch(ofLengths(List.of(3, 7, 5, 4, 6, 2)), 2, true);
    assertThat(lengths(batch.leaf(0, CONTEXT))).containsExactly(7, 4, 3);
    assertThat(lengths(batch.leaf(1, CONTEXT))).containsExactly(6, 5, 2);
  }

  private static List<Integer> lengths(Batch batch) {
    return IntStream.range(0, batch.rows()).map(batch::length).boxed().toList();
  }

  @Test
  void theShareOfPaddingIsOfAllPositions() {
    GlobalBatch batch = batch(ofLengths(List.of(10, 5, 5)), 1, false);
    assertThat(batch.tokens()).isEqualTo(20);
    assertThat(batch.paddingShare()).isCloseTo(10 / 30.0, within(1e-12));
  }

  @Property(tries = 200)
  void theCostliestMicroBatchCostsAsLittleAsItCan(
      @ForAll @Size(min = 1, max = 24) List<@IntRange(min = 1, max = CONTEXT) Integer> lengths,
      @ForAll @IntRange(min = 1, max = 24) int pieces) {
    int microBatches = Math.min(pieces, lengths.size());
    GlobalBatch batch = batch(ofLengths(lengths), microBatches, false);
    int rows = 0;
    int counted = 0;
    int costliest = 0;
    for (int leaf = 0; leaf < microBatches; leaf++) {
      Batch rectangle = batch.leaf(leaf, CONTEXT);
      rows += rectangle.rows();
      counted += rectangle.countedTokens();
      costliest = Math.max(costliest, rectangle.positions());
    }
    assertThat(rows).isEqualTo(lengths.size());
    assertThat(counted).isEqualTo((int) batch.countedTokens());
    int[] sorted = lengths.stream().mapToInt(Integer::intValue).sorted().toArray();
    assertThat(costliest).isEqualTo(leastCost(sorted, microBatches));
  }

  /** The least cost of the costliest piece over all cuts, by dynamic programming. */
  private static int leastCost(int[] sorted, int pieces) {
    int[] least = new int[sorted.length + 1]; // of the first n rows in the pieces so far
    Arrays.fill(least, Integer.MAX_VALUE);
    least[0] = 0;
    for (int piece = 0; piece < pieces; piece++) {
      int[] next = new int[least.length];
      Arrays.fill(next, Integer.MAX_VALUE);
      for (int end = 1; end <= sorted.length; end++) {
        for (int from = 0; from < end; from++) {
          int cost = (end - from) * sorted[end - 1];
          next[end] = Math.min(next[end], Math.max(least[from], cost));
        }
      }
      least = next;
    }
    return least[sorted.length];
  }

  @Test
  void fewerRowsThanMicroBatchesAreRefused() {
    assertThatThrownBy(() -> batch(ofLengths(List.of(2)), 2, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("microBatches: 2 (expected: at most the batch's rows, 1)");
  }

  @Test
  void everyCutGivesTheMeanOverAllCountedTokensAndItsGradient() {
    Engine.start(1);
    CounterRandom random = new CounterRandom(5, 0);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      int[] tokens = new int[3 + random.nextInt(CONTEXT - 3)];
      boolean[] counted = new boolean[tokens.length];
      for (int t = 0; t < tokens.length; t++) {
        tokens[t] = random.nextInt(50);
        counted[t] = t > i; // rows count in different measure
      }
      examples.add(new Example(tokens, counted));
    }
    try (CausalLm model = CausalLm.random(LmConfig.small(50, 32, 64, 2, 2, CONTEXT), 3)) {
      double sum = 0; // row by row
      long tokens = 0;
      for (Example example : examples) {
        sum += model.evaluate(Batch.of(List.of(example), CONTEXT)).sum();
        tokens += example.countedTokens();
      }
      float[] whole = new float[model.layout().size()];
      assertThat(meanLoss(model, batch(examples, 1, false), 1, whole))
          .isCloseTo(sum / tokens, within(1e-5));
      double largest =
          IntStream.range(0, whole.length).mapToDouble(i -> Math.abs(whole[i])).max().orElseThrow();
      assertThat(largest).isGreaterThan(1e-3);
      for (int microBatches : new int[] {1, 2, 5, 12}) {
        for (boolean packed : new boolean[] {true, false}) {
          float[] cut = new float[whole.length];
          assertThat(meanLoss(model, batch(examples, microBatches, packed), microBatches, cut))
              .isCloseTo(sum / tokens, within(1e-5));
          double error =
              IntStream.range(0, cut.length)
                  .mapToDouble(i -> Math.abs(cut[i] - whole[i]))
                  .max()
                  .orElseThrow();
          assertThat(error / largest).isLessThan(1e-5);
        }
      }
    }
  }

  /** Adds up the gradients of all micro-batches. */
  private static double meanLoss(CausalLm model, GlobalBatch batch, int leaves, float[] gradient) {
    ByteBuffer one = FlatMath.allocate(gradient.length);
    Loss loss = new Loss(0, 0);
    for (int leaf = 0; leaf < leaves; leaf++) {
      double divisor = batch.countedTokens();
      loss =
          loss.plus(model.forwardBackward(batch.leaf(leaf, CONTEXT), divisor, one, bucket -> {}));
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] += one.getFloat(i * Float.BYTES);
      }
    }
    assertThat(loss.tokens()).isEqualTo(batch.countedTokens());
    return loss.mean();
  }
}
