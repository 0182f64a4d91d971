package dev.troupe.pricing.analytic;

import dev.troupe.pricing.analytic.internal.FourierPrice;
import dev.troupe.pricing.analytic.internal.HestonExponent;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Vasicek;

/**
 * The price of a European option in Heston's model with a Vasicek short rate that is correlated to
 * neither spot nor variance. Under the measure of the bond, the log of the forward is Heston's plus
 * an independent Gaussian, so Heston's characteristic function gets one factor.
 */
public final class HestonVasicekFormula {

  private HestonVasicekFormula() {}

  /**
   * Price and derivatives.
   *
   * @param spot above 0
   * @param dividend yield a year, continuously compounded
   * @throws IllegalArgumentException if {@code spot} is not positive, the option may be exercised
   *     early, or the rate is correlated to spot or variance
   */
  public static Greeks price(Option option, double spot, double dividend, HestonVasicek model) {
    return FourierPrice.price(
        option,
        forward(option, spot, dividend, model),
        new HestonExponent(model.variance(), option.expiry()));
  }

  /**
   * The error of the price as its integral by two rules differs; parameters as of {@link #price}.
   */
  public static double error(Option option, double spot, double dividend, HestonVasicek model) {
    return FourierPrice.error(
        option,
        forward(option, spot, dividend, model),
        new HestonExponent(model.variance(), option.expiry()));
  }

  private static FourierPrice.Forward forward(
      Option option, double spot, double dividend, HestonVasicek model) {
    Analytic.check(option, spot);
    if (model.rhoSr() != 0 || model.rhoVr() != 0) {
      throw new IllegalArgumentException(
          "rhoSr, rhoVr: %s, %s (expected: 0, 0; other correlations have no closed form, price them by finite differences)"
              .formatted(model.rhoSr(), model.rhoVr()));
    }
    double expiry = option.expiry();
    Vasicek rate = model.rate();
    return new FourierPrice.Forward(
        spot,
        spot * Math.exp(-dividend * expiry),
        dividend,
        VasicekBond.price(rate, expiry),
        VasicekBond.duration(rate.speed(), expiry),
        VasicekBond.forwardRate(rate, expiry),
        VasicekBond.variance(rate, expiry),
        VasicekBond.varianceByExpiry(rate, expiry));
  }
}
