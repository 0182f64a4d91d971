package dev.troupe.pricing.analytic.internal;

import dev.troupe.pricing.model.Heston;

/**
 * The log of the moment {@code E[(S_T / F)^s] = exp(A(s) + D(s) v0)} in Heston's model, for complex
 * {@code s}.
 *
 * <p>In the form whose logarithm stays on its principal branch (Albrecher, Mayer, Schoutens,
 * Tistaert, "The little Heston trap", 2007), rearranged so that nothing is divided by {@code
 * sigma^2}: with {@code beta = kappa - rho sigma s}, {@code w = s (1 - s)}, {@code d = sqrt(beta^2
 * + sigma^2 w)}, {@code q = w / (d + beta)}, the exponents are
 *
 * <pre>
 *   D = -w (1 - e) / (d + beta + sigma^2 q e)                  e = exp(-d T)
 *   A = -kappa theta (q T + 2 log1p(-sigma^2 q (1 - e) / 2d) / sigma^2)
 * </pre>
 *
 * which pass without loss into Black's formula as {@code sigma -> 0}.
 */
public final class HestonExponent {

  /** Below this a series of {@code log1p} is exact, and a quotient by sigma^2 is not needed. */
  private static final double SMALL = 1e-8;

  private final Heston heston;
  private final double expiry;

  public HestonExponent(Heston heston, double expiry) {
    this.heston = heston;
    this.expiry = expiry;
  }

  /**
   * The exponent and its derivatives.
   *
   * @param value {@code A + D v0}
   * @param byVariance {@code D}
   * @param byExpiry the derivative by {@code T}
   */
  public record Terms(Complex value, Complex byVariance, Complex byExpiry) {}

  /** The exponent at {@code s}. */
  public Terms at(Complex s) {
    double sigma2 = heston.sigma() * heston.sigma();
    Complex beta = s.times(-heston.rho() * heston.sigma()).plus(heston.kappa());
    Complex w = s.minus(s.squared());
    Complex d = beta.squared().plus(w.times(sigma2)).sqrt();
    Complex sum; // d + beta
    Complex q; // w / (d + beta) = (d - beta) / sigma^2
    if (beta.re() >= 0) {
      sum = d.plus(beta);
      q = w.over(sum);
    } else {
      q = d.minus(beta).times(1 / sigma2);
      sum = w.over(q);
    }
    Complex decayed = d.times(-expiry).expm1().negative(); // 1 - e
    Complex e = Complex.ONE.minus(decayed);
    Complex byVariance = w.times(decayed).over(sum.plus(q.times(e).times(sigma2))).negative();
    Complex y = q.times(quotient(decayed, d)).times(-0.5);
    Complex drift = q.times(expiry).plus(log1pOver(sigma2, y).times(2));
    Complex value =
        byVariance.times(heston.v0()).minus(drift.times(heston.kappa() * heston.theta()));
    Complex slope = // Riccati's equation
        byVariance.squared().times(sigma2 / 2).minus(beta.times(byVariance)).minus(w.times(0.5));
    Complex byExpiry =
        byVariance.times(heston.kappa() * heston.theta()).plus(slope.times(heston.v0()));
    return new Terms(value, byVariance, byExpiry);
  }

  /** {@code (1 - exp(-d T)) / d}, also at {@code d = 0}. */
  private Complex quotient(Complex decayed, Complex d) {
    return d.abs() * expiry < 1e-14 ? Complex.of(expiry) : decayed.over(d);
  }

  /** {@code ln(1 + a y) / a}. */
  private static Complex log1pOver(double a, Complex y) {
    Complex z = y.times(a);
    return z.abs() < SMALL ? y.minus(y.times(z).times(0.5)) : z.log1p().times(1 / a);
  }

  /** The time at which the real moment {@code s} becomes infinite; infinity if it never does. */
  double explosion(double s) {
    double sigma = heston.sigma();
    double beta = heston.kappa() - heston.rho() * sigma * s;
    double w = s * (1 - s);
    double discriminant = beta * beta + sigma * sigma * w;
    if (w >= 0 || sigma == 0) {
      return Double.POSITIVE_INFINITY;
    }
    if (discriminant >= 0) {
      double d = Math.sqrt(discriminant);
      return beta >= 0 ? Double.POSITIVE_INFINITY : Math.log((d - beta) / (-d - beta)) / d;
    }
    double frequency = Math.sqrt(-discriminant);
    return 2 * Math.atan2(frequency, -beta) / frequency;
  }

  /** The expected integral of variance up to the expiry. */
  double integratedVariance() {
    double decayed = -Math.expm1(-heston.kappa() * expiry) / heston.kappa();
    return heston.theta() * expiry + (heston.v0() - heston.theta()) * decayed;
  }

  Heston heston() {
    return heston;
  }

  double expiry() {
    return expiry;
  }
}
