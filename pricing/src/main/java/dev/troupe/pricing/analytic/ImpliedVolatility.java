package dev.troupe.pricing.analytic;

import dev.troupe.pricing.model.Option;

/**
 * The volatility at which Black's formula gives a price, to the last digits that the price itself
 * determines, over the whole range of doubles.
 *
 * <p>Safeguarded Halley steps on an objective that is nearly straight in each of three regions (the
 * idea is P. Jäckel's, "Let's be rational", 2015): the reciprocal of the log of the time value
 * below the inflection point {@code s = sqrt(2 |x|)}, the time value itself above, and the log of
 * what it falls short of its limit in the upper half. A step that leaves the bracket is replaced by
 * its midpoint, so the search always ends.
 */
public final class ImpliedVolatility {

  private static final int MOST_STEPS = 100;
  private static final double TOLERANCE = 4e-16;

  private ImpliedVolatility() {}

  /**
   * The implied volatility of a European option.
   *
   * @param price today's
   * @param forward of the underlying at expiry
   * @param discount the price today of 1 at expiry
   * @return a year's volatility; 0 if the price is the intrinsic value
   * @throws IllegalArgumentException if no volatility gives the price: it is below the discounted
   *     intrinsic value, or not below its upper bound (the discounted forward of a call, the
   *     discounted strike of a put)
   */
  public static double of(Option option, double price, double forward, double discount) {
    double undiscounted = price / discount;
    double strike = option.strike();
    double intrinsic = Math.max(option.type().sign() * (forward - strike), 0);
    double upper = option.type() == Option.Type.CALL ? forward : strike;
    if (!(undiscounted >= intrinsic && undiscounted < upper)) {
      throw new IllegalArgumentException(
          "price: %s (expected: in [%s, %s), between the discounted intrinsic value and the upper bound)"
              .formatted(price, discount * intrinsic, discount * upper));
    }
    double timeValue = undiscounted - intrinsic;
    return deviation(timeValue, forward, strike) / Math.sqrt(option.expiry());
  }

  /**
   * The deviation at which {@link Black#timeValue} is {@code timeValue}: the best form where the
   * value out of the money is known itself, without the digits that an intrinsic value takes away.
   *
   * @param timeValue in [0, min(forward, strike))
   */
  public static double deviation(double timeValue, double forward, double strike) {
    double x = Black.logRatio(forward, strike);
    double value = timeValue / Math.sqrt(forward) / Math.sqrt(strike);
    double limit = Math.exp(x / 2);
    if (!(value >= 0 && value < limit)) {
      throw new IllegalArgumentException(
          "timeValue: %s (expected: in [0, %s))".formatted(timeValue, Math.min(forward, strike)));
    }
    if (value == 0) {
      return 0;
    }
    double inflection = Math.sqrt(-2 * x);
    double atInflection = Black.normalized(x, inflection);
    if (value < atInflection) {
      double start = inflection * Math.sqrt(Math.log(atInflection) / Math.log(value));
      return solve(new Low(x, value), start, 0, inflection);
    }
    if (value < limit / 2) {
      double start = inflection + (value - atInflection) / vegaAtInflection(x);
      return solve(new Middle(x, value), start, inflection, Double.POSITIVE_INFINITY);
    }
    double complement = limit - value;
    double start = -2 * Normal.quantile(complement / (limit + 1 / limit));
    return solve(new High(x, complement), start, inflection, Double.POSITIVE_INFINITY);
  }

  private static double vegaAtInflection(double x) {
    return x == 0 ? Normal.pdf(0) : Black.normalizedVega(x, Math.sqrt(-2 * x));
  }

  /** An increasing function of the deviation whose root is wanted. */
  private interface Objective {

    /** Sets {@code out} to value, first derivative, and second over first. */
    void at(double s, double[] out);
  }

  private static double solve(Objective objective, double start, double low, double high) {
    double[] f = new double[3];
    double s = start;
    for (int i = 0; i < MOST_STEPS; i++) {
      objective.at(s, f);
      if (f[0] == 0) {
        return s;
      } else if (f[0] < 0) {
        low = s;
      } else {
        high = s;
      }
      double newton = -f[0] / f[1];
      double next = s + newton / Math.max(0.5, 1 + 0.5 * newton * f[2]);
      if (!(next > low && next < high)) {
        next = Double.isInfinite(high) ? 2 * s : 0.5 * (low + high);
      }
      if (Math.abs(next - s) <= TOLERANCE * s) {
        return next;
      }
      s = next;
    }
    return s;
  }

  /** Second over first derivative of the normalized value by deviation. */
  private static double curvature(double x, double s) {
    double h = x / s;
    return h * h / s - s / 4;
  }

  /**
   * {@code 1 / ln value - 1 / ln b(s)}: about a parabola through the origin for small {@code s}.
   */
  private record Low(double x, double value) implements Objective {
    @Override
    public void at(double s, double[] out) {
      double b = Black.normalized(x, s);
      if (b == 0) { // below the smallest double: only the sign is known
        out[0] = -1;
        out[1] = 0;
        return;
      }
      double log = Math.log(b);
      double slope = Black.normalizedVega(x, s) / b;
      out[0] = 1 / Math.log(value) - 1 / log;
      out[1] = slope / (log * log);
      out[2] = curvature(x, s) - slope - 2 * slope / log;
    }
  }

  private record Middle(double x, double value) implements Objective {
    @Override
    public void at(double s, double[] out) {
      out[0] = Black.normalized(x, s) - value;
      out[1] = Black.normalizedVega(x, s);
      out[2] = curvature(x, s);
    }
  }

  private record High(double x, double complement) implements Objective {
    @Override
    public void at(double s, double[] out) {
      double rest = Black.normalizedComplement(x, s);
      double slope = Black.normalizedVega(x, s) / rest;
      out[0] = Math.log(complement / rest);
      out[1] = slope;
      out[2] = curvature(x, s) + slope;
    }
  }
}
