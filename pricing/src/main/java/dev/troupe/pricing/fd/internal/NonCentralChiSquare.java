package dev.troupe.pricing.fd.internal;

import org.hipparchus.analysis.solvers.BrentSolver;
import org.hipparchus.special.Gamma;

/**
 * The law of a variance of Heston's at a later time, up to a scale: a non-central chi-square,
 * Poisson's mixture of central ones.
 *
 * @param freedom degrees of freedom, above 0
 * @param centre the parameter of non-centrality, at least 0
 */
record NonCentralChiSquare(double freedom, double centre) {
  private static final double NEGLIGIBLE = 1e-16;
  private static final double ACCURACY = 1e-10;
  private static final int MOST_EVALUATIONS = 200;

  /** Probability of at most {@code x}. */
  double cumulative(double x) {
    if (x <= 0) {
      return 0;
    }
    double y = x / 2;
    double poisson = centre / 2;
    int middle = (int) poisson;
    double shape = freedom / 2 + middle;
    double weight =
        Math.exp(
            (middle == 0 ? 0 : middle * Math.log(poisson)) - poisson - Gamma.logGamma(middle + 1.));
    double gamma = Gamma.regularizedGammaP(shape, y);
    double step = Math.exp(shape * Math.log(y) - y - Gamma.logGamma(shape + 1));
    return weight * gamma
        + upward(y, poisson, middle, weight, gamma, step)
        + downward(y, poisson, middle, weight, gamma, step);
  }

  /** Terms above the middle; each central law falls short of the one before by {@code step}. */
  private double upward(
      double y, double poisson, int middle, double weight, double gamma, double step) {
    double sum = 0;
    double w = weight;
    double p = gamma;
    double s = step;
    for (int j = middle + 1; w > NEGLIGIBLE && p > NEGLIGIBLE; j++) {
      w *= poisson / j;
      p -= s;
      s *= y / (freedom / 2 + j);
      sum += w * Math.max(p, 0);
    }
    return sum;
  }

  private double downward(
      double y, double poisson, int middle, double weight, double gamma, double step) {
    double sum = 0;
    double w = weight;
    double p = gamma;
    double s = step;
    for (int j = middle - 1; j >= 0 && w > NEGLIGIBLE; j--) {
      w *= (j + 1) / poisson;
      s *= (freedom / 2 + j + 1) / y;
      p += s;
      sum += w * Math.min(p, 1);
    }
    return sum;
  }

  /** What is passed with probability {@code 1 - p}. */
  double quantile(double p) {
    double high = freedom + centre;
    while (cumulative(high) < p) {
      high *= 2;
    }
    return new BrentSolver(ACCURACY * high, 1e-14)
        .solve(MOST_EVALUATIONS, x -> cumulative(x) - p, 0, high);
  }
}
