package dev.troupe.pricing.lstm;

/**
 * The network and how it is trained.
 *
 * @param hidden width of a layer
 * @param layers one above the other
 * @param dropout share of each layer's outputs that a training step leaves out, in [0, 1)
 * @param batch samples a step
 * @param epochs passes over the training samples, at most
 * @param patience epochs without a better validation error after which training ends; not used
 *     without validation
 * @param validation share of the samples, the last ones, that training does not see and that choose
 *     its best epoch; 0 for none
 * @param learningRate of AdamW
 * @param weightDecay of AdamW, on matrices
 * @param seed of first weights, order and dropout
 */
public record LstmSettings(
    int hidden,
    int layers,
    double dropout,
    int batch,
    int epochs,
    int patience,
    double validation,
    double learningRate,
    double weightDecay,
    long seed) {

  /** One layer of 32, without dropout, up to 100 epochs of batches of 64, a fifth to validate. */
  public static final LstmSettings DEFAULT =
      new LstmSettings(32, 1, 0, 64, 100, 10, 0.2, 3e-3, 1e-4, 1);

  /**
   * @throws IllegalArgumentException if a value is outside its range
   */
  public LstmSettings {
    require(hidden >= 1, "hidden", hidden, ">= 1");
    require(layers >= 1, "layers", layers, ">= 1");
    require(dropout >= 0 && dropout < 1, "dropout", dropout, "in [0, 1)");
    require(batch >= 1, "batch", batch, ">= 1");
    require(epochs >= 1, "epochs", epochs, ">= 1");
    require(patience >= 1, "patience", patience, ">= 1");
    require(validation >= 0 && validation < 1, "validation", validation, "in [0, 1)");
    require(learningRate > 0 && learningRate <= 1, "learningRate", learningRate, "in (0, 1]");
    require(weightDecay >= 0 && weightDecay <= 1, "weightDecay", weightDecay, "in [0, 1]");
  }

  private static void require(boolean holds, String name, Number value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
  }

  /** With another network. */
  public LstmSettings network(int width, int depth, double drop) {
    return new LstmSettings(
        width, depth, drop, batch, epochs, patience, validation, learningRate, weightDecay, seed);
  }

  /** With other ends of training. */
  public LstmSettings until(int mostEpochs, int mostPatience, double share) {
    return new LstmSettings(
        hidden,
        layers,
        dropout,
        batch,
        mostEpochs,
        mostPatience,
        share,
        learningRate,
        weightDecay,
        seed);
  }

  /** With another seed. */
  public LstmSettings seed(long other) {
    return new LstmSettings(
        hidden,
        layers,
        dropout,
        batch,
        epochs,
        patience,
        validation,
        learningRate,
        weightDecay,
        other);
  }
}
