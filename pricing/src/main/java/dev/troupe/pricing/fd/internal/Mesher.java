package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.model.Heston;

/**
 * Makes the meshes of the three axes by {@code centre + scale * sinh(xi)} with {@code xi} in equal
 * steps: dense around the centre, ever wider away from it, and smooth, so that differences stay of
 * second order. Twice the intervals are exactly half the step, which Richardson extrapolation
 * needs.
 */
final class Mesher {
  /** Deviations of the log forward that the mesh reaches beyond strike and spot. */
  private static final double SPOT_REACH = 4.5;

  /** Deviations of the short rate to each side. */
  private static final double RATE_REACH = 4;

  private Mesher() {}

  /**
   * Forward over strike, from 0. The strike, where the payoff bends, lies midway between two nodes;
   * what does not fit goes into the first interval, where prices are straight.
   *
   * @param deviation of the log forward at expiry
   * @param furthest forward over strike that will be read
   */
  static Mesh spot(int intervals, double deviation, double furthest) {
    double scale = Math.min(1, deviation);
    double reach = Math.max(1, furthest) * Math.exp(Math.min(SPOT_REACH * deviation, 9)) - 1;
    double below = asinh(1 / scale);
    double step = (below + asinh(reach / scale)) / intervals;
    int under = Math.max(1, (int) Math.floor(below / step + 0.25));
    double[] nodes = new double[intervals + 1];
    for (int i = 1; i <= intervals; i++) {
      nodes[i] = 1 + scale * Math.sinh((i - under - 0.5) * step);
    }
    return new Mesh(nodes, Boundary.STILL, Boundary.STILL);
  }

  /** Variance from 0, dense between 0 and its value now. One node if it is known in advance. */
  static Mesh variance(int intervals, Heston model, double expiry) {
    if (model.sigma() == 0) {
      return new Mesh(new double[] {model.v0()}, Boundary.STILL, Boundary.STILL);
    }
    double top = highestVariance(model, expiry);
    double scale = Math.max(model.v0(), 0.02 * top);
    double below = asinh(model.v0() / scale);
    double step = (below + asinh((top - model.v0()) / scale)) / intervals;
    double[] nodes = new double[intervals + 1];
    for (int j = 1; j <= intervals; j++) {
      nodes[j] = model.v0() + scale * Math.sinh(j * step - below);
    }
    return new Mesh(nodes, Boundary.DEGENERATE, Boundary.LINEAR);
  }

  /** State of the short rate around 0, where it is now; an odd number of nodes. */
  static Mesh rate(int intervals, ShortRate rate, double expiry) {
    int half = intervals / 2;
    double deviation =
        rate.vol() * Math.sqrt(-Math.expm1(-2 * rate.speed() * expiry) / (2 * rate.speed()));
    double shift = square(rate.vol() * rate.duration(expiry)) / 2;
    double reach = asinh(RATE_REACH + shift / deviation);
    double[] nodes = new double[2 * half + 1];
    for (int k = 0; k < nodes.length; k++) {
      nodes[k] = deviation * Math.sinh((k - half) * reach / half);
    }
    return new Mesh(nodes, Boundary.LINEAR, Boundary.LINEAR);
  }

  /** No axis: prices do not depend on the rate's state. */
  static Mesh noRate() {
    return new Mesh(new double[] {0}, Boundary.STILL, Boundary.STILL);
  }

  /** A variance that is hardly ever passed: mean and six deviations, and more for a skewed law. */
  private static double highestVariance(Heston model, double expiry) {
    double kappa = model.kappa();
    double decay = Math.exp(-kappa * expiry);
    double spread = -Math.expm1(-kappa * expiry);
    double mean = Math.max(model.v0(), model.theta() + (model.v0() - model.theta()) * decay);
    double variance =
        square(model.sigma())
            / kappa
            * (model.v0() * decay * spread + model.theta() * spread * spread / 2);
    double skew = mean > 0 ? variance / mean : 0;
    double highest = Math.max(1.5 * mean, mean + 6 * Math.sqrt(variance) + 8 * skew);
    return highest > 0 ? highest : square(model.sigma() * expiry);
  }

  private static double asinh(double x) {
    return Math.log(x + Math.sqrt(x * x + 1));
  }

  private static double square(double x) {
    return x * x;
  }
}
