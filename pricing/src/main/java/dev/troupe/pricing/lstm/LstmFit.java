package dev.troupe.pricing.lstm;

import java.util.List;

/**
 * A trained network, and how it came about.
 *
 * @param model as it was after the best epoch
 * @param epochs in turn
 * @param best position of the best epoch in {@code epochs}
 */
public record LstmFit(LstmModel model, List<Epoch> epochs, int best) {
  public LstmFit {
    epochs = List.copyOf(epochs);
  }

  /**
   * A pass over the training samples.
   *
   * @param trainingRmse root of the mean squared error, in the target's unit, while it was trained
   * @param validationRmse the same on the validation samples behind it; NaN without any
   */
  public record Epoch(double trainingRmse, double validationRmse) {}
}
