package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.pricing.backtest.BacktestOptions.Model;

/**
 * A trained network.
 *
 * @param model what it is for
 * @param known last time that it was trained on
 * @param weights in the store
 * @param samples that it was trained on
 * @param epochs that training took
 * @param validationRmse of price over strike, on the newest samples
 * @param seconds that training took
 */
record Network(
    Model model,
    int known,
    BlobRef weights,
    int samples,
    int epochs,
    double validationRmse,
    double seconds)
    implements Timed {

  /** As a result shows it. */
  record Row(
      String model, int known, int samples, int epochs, double validationRmse, double seconds) {}

  Row row() {
    return new Row(Scores.name(model), known, samples, epochs, validationRmse, seconds);
  }
}
