package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.model.DiscountCurve;
import dev.troupe.pricing.model.Option;

/**
 * All that a model sees when it prices at a time: the spot of that time, and what was known at the
 * time it was fitted. No quote of the time it prices at is among it.
 *
 * @param time at which options are priced
 * @param spot then
 * @param curve of the rates, known at the fit
 * @param dividend yield
 * @param surface of implied volatilities, at the fit
 * @param fit parameters
 * @param scenario what is wrong with them
 * @param exercise when options may be used, for models that can tell
 */
record View(
    long time,
    double spot,
    DiscountCurve curve,
    double dividend,
    ImpliedSurface surface,
    Fit fit,
    Scenario scenario,
    Option.Exercise exercise) {

  /** An option's years to expiry. */
  double years(long expires) {
    return MarketTime.years(time, expires);
  }

  /** Of the spot, when the option expires. */
  double forward(Option option) {
    return spot * Math.exp(-dividend * option.expiry()) / curve.discount(option.expiry());
  }
}
