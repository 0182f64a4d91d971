package dev.troupe.pricing.fd.internal;

/**
 * Solves {@code (I - w/2 spot(v) y^2 d2/dy2) x = x} in place along the spot, all variances at once:
 * the recursion runs over rows, the variance is the inner loop. The matrix depends on the spot's
 * node and on the variance, not on the rate, and its diagonal dominates, whatever the step.
 */
final class SpotLines {
  private final Mesh spot;
  private final double[] lower;
  private final double[] upper;
  private final double[][] inverse;
  private final double[][] next;
  private double[] variance;

  SpotLines(Mesh spot, int variances) {
    this.spot = spot;
    lower = new double[spot.size()];
    upper = new double[spot.size()];
    inverse = Rows.field(spot.size(), variances);
    next = Rows.field(spot.size(), variances);
  }

  /**
   * @param weight theta times the time step
   * @param variance of the forward, by node of the variance
   */
  void factor(double weight, double[] variance) {
    this.variance = variance;
    for (int i = 1; i < spot.size() - 1; i++) {
      double diffusion = weight * spot.node(i) * spot.node(i) / 2;
      lower[i] = diffusion * spot.second().lower[i];
      upper[i] = diffusion * spot.second().upper[i];
      factor(inverse[i], next[i], next[i - 1], variance, lower[i], upper[i]);
    }
  }

  private static void factor(
      double[] inverse, double[] next, double[] previous, double[] v, double lower, double upper) {
    double both = lower + upper;
    for (int j = 0; j < inverse.length; j++) {
      double m = 1 / (1 + v[j] * (both - lower * previous[j]));
      inverse[j] = m;
      next[j] = upper * v[j] * m;
    }
  }

  /** Solves the slab of rows that begins at {@code first}. */
  void solve(double[][] x, int first) {
    int last = spot.size() - 1;
    for (int i = 1; i < last; i++) {
      Rows.eliminate(x[first + i], lower[i], variance, x[first + i - 1], inverse[i]);
    }
    for (int i = last - 1; i > 0; i--) {
      Rows.addProduct(x[first + i], next[i], x[first + i + 1]);
    }
  }
}
