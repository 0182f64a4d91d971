package dev.troupe.lm;

import java.nio.file.Path;

/**
 * The shape of a Llama model, as in {@code config.json}.
 *
 * @param vocabSize rows of the embedding
 * @param dim width of the residual stream ({@code hidden_size})
 * @param hiddenDim width of the feed-forward layer ({@code intermediate_size})
 * @param layers number of blocks
 * @param heads query heads
 * @param kvHeads key and value heads; divides heads
 * @param headDim width of a head; even
 * @param context longest sequence ({@code max_position_embeddings})
 * @param normEpsilon {@code rms_norm_eps}
 * @param ropeTheta base of the rotary frequencies
 * @param ropeScaling Llama 3's scaling of low frequencies, or null
 * @param tied whether the output layer is the embedding
 */
public record LmConfig(
    int vocabSize,
    int dim,
    int hiddenDim,
    int layers,
    int heads,
    int kvHeads,
    int headDim,
    int context,
    double normEpsilon,
    double ropeTheta,
    RopeScaling ropeScaling,
    boolean tied) {

  /** Llama 3's {@code rope_scaling}. */
  public record RopeScaling(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext) {}

  /**
   * A small tied Llama with {@code dim / heads} wide heads, all of them key and value heads too.
   */
  public static LmConfig small(
      int vocabSize, int dim, int hiddenDim, int layers, int heads, int context) {
    return new LmConfig(
        vocabSize,
        dim,
        hiddenDim,
        layers,
        heads,
        heads,
        dim / heads,
        context,
        1e-5,
        10_000,
        null,
        true);
  }

  /**
   * Reads {@code folder/config.json}.
   *
   * @throws IllegalArgumentException if it is missing or does not parse, or names an architecture
   *     or option that is not supported; the message names file, field, value and what is expected
   */
  public static LmConfig read(Path folder) {
    return Skeleton.missing();
  }

  /** Number of parameters. */
  public long parameters() {
    return Skeleton.missing();
  }
}
