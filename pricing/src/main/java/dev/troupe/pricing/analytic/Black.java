package dev.troupe.pricing.analytic;

import dev.troupe.pricing.analytic.internal.GaussLegendre;
import dev.troupe.pricing.model.Option;

/**
 * Black's formula: the undiscounted value of an option on a lognormal forward, from the forward,
 * the strike and the deviation {@code s = vol sqrt(expiry)} of the log.
 *
 * <p>With {@code h = -|ln(F/K)| / s} and {@code t = s/2}, the value of the option that is out of
 * the money is {@code sqrt(F K) pdf(h) exp(-t^2/2) [Y(h + t) - Y(h - t)]}, where {@code Y =
 * cdf/pdf} (P. Jäckel, "Let's be rational", 2015). Where the two terms are close, their difference
 * is taken under the integral {@code Y(z) = int_0^inf exp(z u - u^2/2) du} instead: nothing cancels
 * there, so values keep all digits down to the smallest double.
 */
public final class Black {

  private static final GaussLegendre RULE = GaussLegendre.of(24);

  /** Integrands below exp(-this) of their peak are left out. */
  private static final double LOG_PRECISION = 40;

  private Black() {}

  /**
   * The undiscounted price.
   *
   * @param deviation of the log of the forward at expiry, at least 0
   */
  public static double price(Option.Type type, double forward, double strike, double deviation) {
    double intrinsic = Math.max(type.sign() * (forward - strike), 0);
    return intrinsic + timeValue(forward, strike, deviation);
  }

  /** The undiscounted price of the call or put, whichever is out of the money. */
  public static double timeValue(double forward, double strike, double deviation) {
    return Math.sqrt(forward)
        * Math.sqrt(strike)
        * normalized(logRatio(forward, strike), deviation);
  }

  /** {@code -|ln(forward / strike)|}, with all digits where the two are close. */
  static double logRatio(double forward, double strike) {
    double relative = (forward - strike) / strike;
    return -Math.abs(Math.abs(relative) < 0.5 ? Math.log1p(relative) : Math.log(forward / strike));
  }

  /**
   * The value out of the money in units of {@code sqrt(F K)}.
   *
   * @param x {@link #logRatio}, at most 0
   */
  static double normalized(double x, double deviation) {
    if (deviation <= 0) {
      return 0;
    }
    double h = x / deviation;
    double t = deviation / 2;
    if (t < 0.25 * Math.max(1, -h)) {
      return Normal.pdf(h) * Math.exp(-t * t / 2) * differenceOfMills(h, t);
    }
    return Math.exp(x / 2) * Normal.cdf(h + t) - Math.exp(-x / 2) * Normal.cdf(h - t);
  }

  /** What {@link #normalized} falls short of its limit for infinite deviation. */
  static double normalizedComplement(double x, double deviation) {
    double h = x / deviation;
    double t = deviation / 2;
    return Math.exp(x / 2) * Normal.cdf(-h - t) + Math.exp(-x / 2) * Normal.cdf(h - t);
  }

  /** The derivative of {@link #normalized} by deviation. */
  static double normalizedVega(double x, double deviation) {
    double h = x / deviation;
    double t = deviation / 2;
    return Normal.pdf(h) * Math.exp(-t * t / 2);
  }

  /** {@code Y(h + t) - Y(h - t) = int_0^inf 2 sinh(t u) exp(h u - u^2/2) du}. */
  private static double differenceOfMills(double h, double t) {
    double decay = -(h + t);
    double end = 2 * LOG_PRECISION / (decay + Math.sqrt(decay * decay + 2 * LOG_PRECISION));
    return RULE.integrate(0, end, u -> 2 * Math.sinh(t * u) * Math.exp((h - u / 2) * u));
  }
}
