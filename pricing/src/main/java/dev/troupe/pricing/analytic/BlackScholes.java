package dev.troupe.pricing.analytic;

import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;

/** The Black-Scholes price of a European option, with a continuous dividend yield. */
public final class BlackScholes {

  private BlackScholes() {}

  /**
   * Price and derivatives.
   *
   * @param spot above 0
   * @param rate a year, continuously compounded
   * @param dividend yield a year, continuously compounded
   * @param vol a root of a year, at least 0
   * @throws IllegalArgumentException if {@code spot} or {@code vol} is out of range, or the option
   *     may be exercised early
   */
  public static Greeks price(Option option, double spot, double rate, double dividend, double vol) {
    Analytic.check(option, spot);
    if (!(vol >= 0)) {
      throw new IllegalArgumentException("vol: " + vol + " (expected: >= 0)");
    }
    int sign = option.type().sign();
    double strike = option.strike();
    double expiry = option.expiry();
    double grown = spot * Math.exp(-dividend * expiry);
    double owed = strike * Math.exp(-rate * expiry);
    double deviation = vol * Math.sqrt(expiry);
    double d1 = d1(grown, owed, deviation);
    double inSpot = Normal.cdf(sign * d1);
    double inCash = Normal.cdf(sign * (d1 - deviation));
    double density = grown * Normal.pdf(d1);
    return new Greeks(
        Black.price(option.type(), grown, owed, deviation),
        sign * grown / spot * inSpot,
        deviation == 0 ? 0 : density / (spot * spot * deviation),
        density * Math.sqrt(expiry),
        sign * expiry * owed * inCash,
        -density * vol / (2 * Math.sqrt(expiry))
            + sign * (dividend * grown * inSpot - rate * owed * inCash));
  }

  /**
   * The error of the price as two forms of the formula differ: {@link Black}'s, which keeps the
   * digits of options far out of the money, and the one of the books, a difference of two products
   * with the normal distribution; and the rounding of the result.
   */
  public static double error(Option option, double spot, double rate, double dividend, double vol) {
    double price = price(option, spot, rate, dividend, vol).price();
    int sign = option.type().sign();
    double grown = spot * Math.exp(-dividend * option.expiry());
    double owed = option.strike() * Math.exp(-rate * option.expiry());
    double deviation = vol * Math.sqrt(option.expiry());
    double d1 = d1(grown, owed, deviation);
    double books =
        sign * (grown * Normal.cdf(sign * d1) - owed * Normal.cdf(sign * (d1 - deviation)));
    return Math.abs(price - books) + Math.ulp(price);
  }

  private static double d1(double grown, double owed, double deviation) {
    double logMoneyness = Math.signum(grown - owed) * -Black.logRatio(grown, owed);
    if (deviation == 0) { // at the money of a certain forward, half of the limit from either side
      return logMoneyness == 0 ? 0 : Math.copySign(Double.POSITIVE_INFINITY, logMoneyness);
    }
    return logMoneyness / deviation + deviation / 2;
  }
}
