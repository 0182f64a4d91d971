package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.analytic.ImpliedVolatility;
import dev.troupe.pricing.model.Option;

/** Implied volatilities of prices that may be no prices. */
final class Implied {

  private Implied() {}

  /** NaN where no volatility gives the price. */
  static double vol(
      Option.Type type,
      double strike,
      double years,
      double price,
      double forward,
      double discount) {
    double timeValue = price / discount - Math.max(type.sign() * (forward - strike), 0);
    if (!(timeValue > 0 && timeValue < Math.min(forward, strike))) {
      return Double.NaN;
    }
    return ImpliedVolatility.deviation(timeValue, forward, strike) / Math.sqrt(years);
  }
}
