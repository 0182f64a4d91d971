package dev.troupe.pricing.calibration.internal;

import dev.troupe.pricing.analytic.internal.Complex;
import dev.troupe.pricing.model.Heston;

/**
 * Undiscounted prices over the forward, with their gradients, of many strikes of one expiry. All
 * share one path of integration, so the costly part, the characteristic function, is computed once
 * an expiry: {@code s = 1/2 + i sinh(t) / 2}, equal steps in {@code t}, on which the sum converges
 * exponentially: with steps of {@code h} it is off by about {@code exp(-2 pi angle / h)}, where
 * {@code angle} is how far the path may be turned before the integrand grows along it.
 */
final class HestonSmile {

  /** The logarithm of how exact sums are, in units of the forward. */
  private static final double LOG_ACCURACY = 27;

  private static final double WIDEST_ANGLE = 0.5;
  private static final double SMALLEST_STEP = 0.005;
  private static final double FARTHEST = 16;
  private static final double NEGLIGIBLE = 1e-13;

  /** Price and its derivatives by the parameters, in the order of {@link HestonGradient}. */
  static final int VALUES = 6;

  private HestonSmile() {}

  /**
   * The options out of the money.
   *
   * @param logStrikes {@code ln(K / F)}
   * @return for each strike {@link #VALUES} numbers, in units of the forward
   */
  static double[][] outOfTheMoney(Heston heston, double expiry, double[] logStrikes) {
    double[][] sums = new double[logStrikes.length][VALUES];
    Complex[] exponents = new Complex[VALUES];
    double step = step(heston, expiry, logStrikes);
    for (int i = 0; i * step < FARTHEST; i++) {
      double t = i * step;
      double x = Math.sinh(t) / 2;
      HestonGradient.at(heston, expiry, new Complex(0.5, x), exponents);
      double weight =
          (i == 0 ? 0.5 : 1) * step / Math.PI * (Math.cosh(t) / 2) / -(0.25 + x * x); // s (s - 1)
      Complex moment = exponents[0].exp().times(weight);
      add(moment, exponents, x, logStrikes, sums);
      if (moment.abs() < NEGLIGIBLE) {
        break;
      }
    }
    for (int k = 0; k < logStrikes.length; k++) {
      double strike = Math.exp(logStrikes[k]);
      double root = Math.exp(logStrikes[k] / 2);
      for (int j = 0; j < VALUES; j++) {
        sums[k][j] *= root;
      }
      sums[k][0] += Math.min(1, strike); // the integral is the option less this
    }
    return sums;
  }

  /**
   * Far out the integrand goes as {@code exp(-(V / sigma) (sqrt(1 - rho^2) + i rho) |s| - i k
   * |s|)}.
   */
  private static double step(Heston heston, double expiry, double[] logStrikes) {
    double farthest = 0;
    for (double k : logStrikes) {
      farthest = Math.max(farthest, Math.abs(k));
    }
    double rho = heston.rho();
    double variance = heston.v0() + heston.kappa() * heston.theta() * expiry;
    double angle =
        Math.atan2(Math.sqrt(1 - rho * rho), Math.abs(rho) + heston.sigma() * farthest / variance);
    double step = 2 * Math.PI * Math.min(angle, WIDEST_ANGLE) / LOG_ACCURACY;
    return Math.max(step, SMALLEST_STEP);
  }

  private static void add(
      Complex moment, Complex[] exponents, double x, double[] logStrikes, double[][] sums) {
    Complex[] terms = new Complex[VALUES];
    terms[0] = moment;
    for (int j = 1; j < VALUES; j++) {
      terms[j] = moment.times(exponents[j]);
    }
    for (int k = 0; k < logStrikes.length; k++) {
      double cos = Math.cos(x * logStrikes[k]);
      double sin = Math.sin(x * logStrikes[k]);
      for (int j = 0; j < VALUES; j++) { // real part of term exp(-i x k)
        sums[k][j] += terms[j].re() * cos + terms[j].im() * sin;
      }
    }
  }
}
