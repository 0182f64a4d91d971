package dev.troupe.lm;

import dev.troupe.lm.internal.ConfigJson;
import java.nio.file.Path;

/**
 * The shape of a model, as in {@code config.json}.
 *
 * @param vocabSize rows of the embedding
 * @param dim width of the residual stream ({@code hidden_size})
 * @param hiddenDim width of the feed-forward layer ({@code intermediate_size})
 * @param layers number of blocks
 * @param heads query heads
 * @param kvHeads key and value heads; divides heads
 * @param headDim width of a head; even if positions are rotary
 * @param context longest sequence ({@code max_position_embeddings})
 * @param normEpsilon {@code rms_norm_eps} or {@code layer_norm_epsilon}
 * @param ropeTheta base of the rotary frequencies; 0 if positions are learned
 * @param ropeScaling Llama 3's scaling of low frequencies, or null
 * @param tied whether the output layer is the embedding
 * @param architecture what a block is made of
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
    boolean tied,
    Architecture architecture) {

  /** Llama 3's {@code rope_scaling}. */
  public record RopeScaling(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalContext) {}

  public LmConfig {
    positive("vocab_size", vocabSize);
    positive("hidden_size", dim);
    positive("intermediate_size", hiddenDim);
    positive("num_hidden_layers", layers);
    positive("num_attention_heads", heads);
    positive("num_key_value_heads", kvHeads);
    positive("head_dim", headDim);
    positive("max_position_embeddings", context);
    if (heads % kvHeads != 0) {
      throw new IllegalArgumentException(
          "num_key_value_heads: %d (expected: a divisor of num_attention_heads, %d)"
              .formatted(kvHeads, heads));
    }
    if (architecture.learnedPositions()) {
      if (kvHeads != heads || heads * headDim != dim || ropeTheta != 0 || ropeScaling != null) {
        throw new IllegalArgumentException(
            "n_head: %d, each of width %d (expected: a divisor of n_embd, %d)"
                .formatted(heads, headDim, dim));
      }
    } else if (headDim % 2 != 0) {
      throw new IllegalArgumentException("head_dim: " + headDim + " (expected: even)");
    }
  }

  /** A plain Llama. */
  public LmConfig(
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
    this(
        vocabSize,
        dim,
        hiddenDim,
        layers,
        heads,
        kvHeads,
        headDim,
        context,
        normEpsilon,
        ropeTheta,
        ropeScaling,
        tied,
        Architecture.LLAMA);
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }

  /**
   * A small tied Llama whose heads are {@code dim / heads} wide, each with its own key and value.
   */
  public static LmConfig small(
      int vocabSize, int dim, int hiddenDim, int layers, int heads, int context) {
    if (heads < 1 || dim % heads != 0) {
      throw new IllegalArgumentException(
          "heads: " + heads + " (expected: a divisor of " + dim + ")");
    }
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
    return ConfigJson.read(folder);
  }

  /** Number of parameters. */
  public long parameters() {
    int queries = heads * headDim;
    int keys = kvHeads * headDim;
    int wide = (architecture.gatedMlp() ? 2 : 1) * hiddenDim;
    int norm = (architecture.layerNorm() ? 2 : 1) * dim;
    long block = (long) dim * (2L * queries + 2L * keys) + (long) dim * (wide + hiddenDim);
    block += 2L * norm;
    block += architecture.attentionBias() ? queries + 2L * keys : 0;
    block += architecture.attentionOutputBias() ? dim : 0;
    block += architecture.mlpBias() ? wide + dim : 0;
    long embeddings = (tied ? 1L : 2L) * vocabSize * dim;
    long positions = architecture.learnedPositions() ? (long) context * dim : 0;
    return embeddings + positions + layers * block + norm;
  }
}
