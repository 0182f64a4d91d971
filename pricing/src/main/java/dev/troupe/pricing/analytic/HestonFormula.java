package dev.troupe.pricing.analytic;

import dev.troupe.pricing.analytic.internal.FourierPrice;
import dev.troupe.pricing.analytic.internal.HestonExponent;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;

/**
 * The price of a European option in Heston's model, from its characteristic function (S. Heston, "A
 * closed-form solution for options with stochastic volatility", 1993). Relative accuracy is about
 * 1e-11 for near and far strikes, short and long expiries, and whether or not variance reaches 0.
 */
public final class HestonFormula {

  private HestonFormula() {}

  /**
   * Price and derivatives.
   *
   * @param spot above 0
   * @param rate a year, continuously compounded
   * @param dividend yield a year, continuously compounded
   * @throws IllegalArgumentException if {@code spot} is not positive, or the option may be
   *     exercised early
   */
  public static Greeks price(
      Option option, double spot, double rate, double dividend, Heston heston) {
    return FourierPrice.price(
        option, forward(option, spot, rate, dividend), new HestonExponent(heston, option.expiry()));
  }

  /**
   * The error of the price as its integral by two rules differs; parameters as of {@link #price}.
   */
  public static double error(
      Option option, double spot, double rate, double dividend, Heston heston) {
    return FourierPrice.error(
        option, forward(option, spot, rate, dividend), new HestonExponent(heston, option.expiry()));
  }

  private static FourierPrice.Forward forward(
      Option option, double spot, double rate, double dividend) {
    Analytic.check(option, spot);
    double expiry = option.expiry();
    return new FourierPrice.Forward(
        spot,
        spot * Math.exp(-dividend * expiry),
        dividend,
        Math.exp(-rate * expiry),
        expiry,
        rate,
        0,
        0);
  }
}
