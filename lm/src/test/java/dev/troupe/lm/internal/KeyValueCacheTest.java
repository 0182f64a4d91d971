package dev.troupe.lm.internal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import dev.troupe.lm.Golden;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Precision;
import dev.troupe.tensor.FlatMath;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Scores with the cache, of rows of different lengths, are those of each row from its start. */
class KeyValueCacheTest {

  static final List<String> MODELS = Golden.MODELS;

  private static final int STEPS = 8;

  @ParameterizedTest
  @FieldSource("MODELS")
  void cachedScoresEqualUncachedOnes(String name) throws Exception {
    LmConfig config = LmConfig.read(Golden.folder(name));
    ParameterLayout plan = new ParameterLayout(config, 4000);
    ByteBuffer flat = FlatMath.allocate(plan.layout().size());
    ModelFolder.readWeights(Golden.folder(name), plan, flat.asFloatBuffer());
    SplittableRandom random = new SplittableRandom(6);
    int[] lengths = {5, 1, 13, 9};
    List<int[]> prompts =
        Arrays.stream(lengths)
            .mapToObj(length -> random.ints(length, 0, config.vocabSize()).toArray())
            .toList();
    int[][] rows = prompts.toArray(int[][]::new);
    try (Transformer transformer = new Transformer(config, plan, flat, Precision.FP32);
        KeyValueCache cache = new KeyValueCache(config, transformer, prompts, STEPS)) {
      NDArray scores = cache.begin();
      for (int step = 0; step < STEPS; step++) {
        float[] cached = scores.toFloatArray();
        long[] next = new long[rows.length];
        for (int row = 0; row < rows.length; row++) {
          compare(name + " row " + row, transformer, rows[row], cached, row, config.vocabSize());
          int id = random.nextInt(config.vocabSize());
          rows[row] = Arrays.copyOf(rows[row], rows[row].length + 1);
          rows[row][rows[row].length - 1] = id;
          next[row] = id;
        }
        if (step == STEPS / 2) { // the second row is through
          cache.keep(new int[] {0, 2, 3});
          rows = new int[][] {rows[0], rows[2], rows[3]};
          next = new long[] {next[0], next[2], next[3]};
        }
        scores = cache.append(next);
      }
    }
  }

  /** The last position's scores, within 1e-5 of the largest. */
  private static void compare(
      String what, Transformer transformer, int[] tokens, float[] cached, int row, int vocab) {
    long[] ids = Arrays.stream(tokens).asLongStream().toArray();
    float[] all = transformer.logits(new TokenGrid(ids, ids, 1, new int[0]));
    float[] last = Arrays.copyOfRange(all, all.length - vocab, all.length);
    double scale = 0;
    double difference = 0;
    for (int i = 0; i < vocab; i++) {
      scale = Math.max(scale, Math.abs(last[i]));
      difference = Math.max(difference, Math.abs(last[i] - cached[row * vocab + i]));
    }
    assertThat(difference).as(what).isLessThanOrEqualTo(1e-5 * scale);
  }
}
