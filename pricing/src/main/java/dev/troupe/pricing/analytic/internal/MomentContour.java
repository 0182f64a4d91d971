package dev.troupe.pricing.analytic.internal;

import java.util.function.DoubleUnaryOperator;

/**
 * The path in the plane of moments {@code s} along which {@link FourierPrice} integrates.
 *
 * <p>It crosses the real line at the saddle of the integrand, so that a price keeps its relative
 * accuracy however far the strike is (R. Lord and C. Kahl, "Optimal Fourier inversion in
 * semi-analytical option pricing", 2007), and bends into the half-plane where the integrand decays
 * (L. Andersen and M. Lake, "Robust high-precision option pricing by Fourier transforms", 2018). It
 * is the hyperbola {@code s(t) = saddle + i b (sinh(t + i angle) - i sin(angle))}, on which equal
 * steps in {@code t} converge exponentially (S. Boyarchenko and S. Levendorskii,
 * "Sinh-acceleration", 2019); the model's singularities all lie on the real line, outside of the
 * strip of finite moments, which the hyperbola crosses only at the saddle.
 *
 * @param saddle where it crosses the real line: above 1, below 0, or between
 * @param scale {@code b}, at most the distance from the saddle to the nearest singularity
 * @param angle by which it bends away from the vertical, to the right if negative
 */
record MomentContour(double saddle, double scale, double angle) {

  private static final double STEEPEST = Math.PI / 12;

  /** Steps of golden sections over the logarithm of the saddle's distance; a percent is enough. */
  private static final int SECTIONS = 24;

  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

  /**
   * Chooses a contour.
   *
   * @param logStrike {@code k = ln(K / F)}
   * @param variance expected, of {@code ln S_T}
   * @param gaussian variance that is added to Heston's, from rates
   */
  static MomentContour choose(
      HestonExponent exponent, double logStrike, double variance, double gaussian) {
    boolean right = logStrike >= 0;
    int side = right ? 1 : -1;
    double edge = right ? 1 : 0;
    double scale = 1 / Math.sqrt(variance);
    double most = 1e3 * (Math.abs(logStrike) / variance + scale);
    double strip = strip(exponent, edge, side, most);
    double bend = bend(exponent, logStrike);
    if (strip < Math.min(1, scale)) { // moments soon explode: in between, there is always room
      return new MomentContour(0.5, 0.5, bend);
    }
    DoubleUnaryOperator logIntegrand =
        logDistance -> {
          double s = edge + side * Math.exp(logDistance);
          double log =
              exponent.at(Complex.of(s)).value().re()
                  + (s * s - s) / 2 * gaussian
                  - s * logStrike
                  - Math.log(Math.abs(s * (s - 1)));
          return Double.isNaN(log) ? Double.POSITIVE_INFINITY : log;
        };
    double distance =
        Math.exp(
            minimum(logIntegrand, Math.log(1e-3 * Math.min(1, scale)), Math.log(0.999 * strip)));
    return new MomentContour(edge + side * distance, Math.min(distance, strip - distance), bend);
  }

  /** How far the moments beyond {@code edge} stay finite, at most {@code most}. */
  private static double strip(HestonExponent exponent, double edge, int side, double most) {
    if (exponent.explosion(edge + side * most) > exponent.expiry()) {
      return most;
    }
    double low = Math.log(1e-12);
    double high = Math.log(most);
    for (int i = 0; i < 50; i++) {
      double middle = (low + high) / 2;
      if (exponent.explosion(edge + side * Math.exp(middle)) > exponent.expiry()) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return Math.exp(low);
  }

  /** Far out, the integrand goes as {@code exp(-(V / sigma) (sqrt(1 - rho^2) |s| + r s))}. */
  private static double bend(HestonExponent exponent, double logStrike) {
    double rho = exponent.heston().rho();
    double variance =
        exponent.heston().v0()
            + exponent.heston().kappa() * exponent.heston().theta() * exponent.expiry();
    double r = rho + exponent.heston().sigma() * logStrike / variance;
    return r * logStrike > 0 ? -Math.signum(r) * STEEPEST : 0;
  }

  private static double minimum(DoubleUnaryOperator f, double a, double b) {
    double low = b - GOLDEN * (b - a);
    double high = a + GOLDEN * (b - a);
    double atLow = f.applyAsDouble(low);
    double atHigh = f.applyAsDouble(high);
    for (int i = 0; i < SECTIONS; i++) {
      if (atLow <= atHigh) {
        b = high;
        high = low;
        atHigh = atLow;
        low = b - GOLDEN * (b - a);
        atLow = f.applyAsDouble(low);
      } else {
        a = low;
        low = high;
        atLow = atHigh;
        high = a + GOLDEN * (b - a);
        atHigh = f.applyAsDouble(high);
      }
    }
    return (a + b) / 2;
  }

  /** Another path through the same saddle, on which the same integral is met at other nodes. */
  MomentContour narrower() {
    return new MomentContour(saddle, 0.7 * scale, angle);
  }

  /** The place at parameter {@code t}. */
  Complex at(double t) {
    return new Complex(
        saddle - scale * Math.sin(angle) * (Math.cosh(t) - 1),
        scale * Math.cos(angle) * Math.sinh(t));
  }

  /** The derivative of {@link #at} by {@code t}, over the imaginary unit. */
  Complex slope(double t) {
    return new Complex(
        scale * Math.cos(angle) * Math.cosh(t), scale * Math.sin(angle) * Math.sinh(t));
  }
}
