package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions.Model;
import java.util.EnumMap;
import java.util.Map;

/** What computing took: measured, so different from run to run, and in no price. */
final class Costs {

  private final Map<Model, Double> seconds = new EnumMap<>(Model.class);
  private final Map<Model, Long> quotes = new EnumMap<>(Model.class);
  private long priced;
  private long unpriced;

  void add(PriceTask.Outcome outcome) {
    priced += outcome.count();
    unpriced += outcome.unpriced();
    outcome.modelSeconds().forEach((model, more) -> seconds.merge(model, more, Double::sum));
    outcome.counts().forEach((model, more) -> quotes.merge(model, more, Long::sum));
  }

  long priced() {
    return priced;
  }

  long unpriced() {
    return unpriced;
  }

  /** Of one quote, without the fit; NaN if nothing was priced. */
  double microsPerPrice(Model model) {
    return 1e6 * seconds.getOrDefault(model, 0.0) / quotes.getOrDefault(model, 0L);
  }
}
