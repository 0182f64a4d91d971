package dev.troupe.pricing.analytic;

import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Vasicek;

/**
 * The price of a European option on a lognormal spot with a correlated Vasicek short rate: Black's
 * formula on the forward {@code S exp(-q T) / P(T)}, whose variance gets a part from the rate and
 * one from its correlation with the spot (R. Merton, 1973; R. Rabinovitch, 1989). With a bond price
 * from the market instead of Vasicek's this is the Hull-White model.
 */
public final class BlackVasicek {

  private BlackVasicek() {}

  /**
   * Price and derivatives under Vasicek's own bonds; {@code rho} is the one by today's short rate.
   *
   * @param dividend yield a year, continuously compounded
   * @param vol of the spot
   * @param correlation of spot and short rate
   * @throws IllegalArgumentException if {@code spot}, {@code vol} or {@code correlation} is out of
   *     range, or the option may be exercised early
   */
  public static Greeks price(
      Option option, double spot, double dividend, double vol, Vasicek rate, double correlation) {
    double expiry = option.expiry();
    double variance = variance(vol, rate, correlation, expiry);
    double duration = VasicekBond.duration(rate.speed(), expiry);
    Greeks flat =
        BlackScholes.price(
            option,
            spot,
            VasicekBond.zeroRate(rate, expiry),
            dividend,
            Math.sqrt(variance / expiry));
    double byDeviation = flat.vega() / Math.sqrt(expiry);
    double deviation = Math.sqrt(variance);
    double varianceByVol =
        2 * vol * expiry + 2 * correlation * rate.vol() * (expiry - duration) / rate.speed();
    double varianceByExpiry =
        vol * vol
            + 2 * correlation * vol * rate.vol() * duration
            + VasicekBond.varianceByExpiry(rate, expiry);
    double perVariance = deviation == 0 ? 0 : byDeviation / (2 * deviation);
    double byLogBond = -flat.rho() / expiry; // the derivative by ln P
    double grown = spot * flat.delta();
    return new Greeks(
        flat.price(),
        flat.delta(),
        flat.gamma(),
        perVariance * varianceByVol,
        -byLogBond * duration,
        -(perVariance * varianceByExpiry
            - byLogBond * VasicekBond.forwardRate(rate, expiry)
            - dividend * grown));
  }

  /**
   * The variance of the log of the forward at the expiry; what Black's formula takes with a forward
   * and discount of any curve.
   *
   * @throws IllegalArgumentException if {@code vol} is negative or {@code correlation} outside [-1,
   *     1]
   */
  public static double variance(double vol, Vasicek rate, double correlation, double expiry) {
    if (!(vol >= 0)) {
      throw new IllegalArgumentException("vol: " + vol + " (expected: >= 0)");
    }
    if (!(Math.abs(correlation) <= 1)) {
      throw new IllegalArgumentException("rhoSr: " + correlation + " (expected: in [-1, 1])");
    }
    double lag = (expiry - VasicekBond.duration(rate.speed(), expiry)) / rate.speed();
    return vol * vol * expiry
        + 2 * correlation * vol * rate.vol() * lag
        + VasicekBond.variance(rate, expiry);
  }
}
