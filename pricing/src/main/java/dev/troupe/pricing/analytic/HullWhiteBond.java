package dev.troupe.pricing.analytic;

import dev.troupe.pricing.model.DiscountCurve;

/**
 * Zero-coupon bonds under Hull and White's short rate {@code dr = speed (mean(t) - r) dt + vol dW},
 * whose {@code mean(t)} is what makes today's bonds cost what the market's curve says (J. Hull and
 * A. White, "Pricing interest-rate-derivative securities", 1990).
 *
 * @param curve today's
 * @param speed of mean reversion, 1/year
 * @param vol absolute volatility of the short rate, a root of a year
 */
public record HullWhiteBond(DiscountCurve curve, double speed, double vol) {

  /**
   * @throws IllegalArgumentException if {@code speed} is not positive or {@code vol} negative
   */
  public HullWhiteBond {
    if (!(speed > 0 && Double.isFinite(speed))) {
      throw new IllegalArgumentException("rateSpeed: " + speed + " (expected: > 0)");
    }
    if (!(vol >= 0 && Double.isFinite(vol))) {
      throw new IllegalArgumentException("rateVol: " + vol + " (expected: >= 0)");
    }
  }

  /**
   * The price at time {@code t} of 1 at the expiry.
   *
   * @param rate the short rate at {@code t}
   */
  public double price(double t, double expiry, double rate) {
    double b = VasicekBond.duration(speed, expiry - t);
    double convexity = vol * vol / 2 * VasicekBond.duration(2 * speed, t) * b * b;
    return curve.discount(expiry)
        / curve.discount(t)
        * Math.exp(b * (curve.forwardRate(t) - rate) - convexity);
  }

  /** The level that the short rate is drawn to at time {@code t}. */
  public double mean(double t) {
    double step = 1e-4;
    double low = Math.max(0, t - step);
    double slope = (curve.forwardRate(t + step) - curve.forwardRate(low)) / (t + step - low);
    return curve.forwardRate(t)
        + slope / speed
        + vol * vol / speed * VasicekBond.duration(2 * speed, t);
  }
}
