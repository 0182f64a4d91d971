package dev.troupe.pricing.fd.internal;

/**
 * Weights of values on nodes that give the interpolating polynomial's value and first two
 * derivatives at a point (Fornberg 1988, Generation of finite difference formulas on arbitrarily
 * spaced grids).
 */
final class Interpolation {
  private static final int DERIVATIVES = 2;

  private final int first;
  private final double[][] weights;

  private Interpolation(int first, double[][] weights) {
    this.first = first;
    this.weights = weights;
  }

  /** On the {@code points} nodes nearest to {@code x}, or all if there are fewer. */
  static Interpolation at(double x, Mesh mesh, int points) {
    int count = Math.min(points, mesh.size());
    int above = 0;
    while (above < mesh.size() && mesh.node(above) < x) {
      above++;
    }
    int first = Math.max(0, Math.min(above - count / 2, mesh.size() - count));
    double[] nodes = new double[count];
    for (int i = 0; i < count; i++) {
      nodes[i] = mesh.node(first + i);
    }
    return new Interpolation(first, weights(x, nodes));
  }

  /** Weights {@code [derivative][node]} at {@code x}. */
  static double[][] weights(double x, double[] nodes) {
    double[][] c = new double[DERIVATIVES + 1][nodes.length];
    c[0][0] = 1;
    double before = 1;
    for (int i = 1; i < nodes.length; i++) {
      double product = 1;
      int highest = Math.min(i, DERIVATIVES);
      for (int j = 0; j < i; j++) {
        double gap = nodes[i] - nodes[j];
        product *= gap;
        if (j == i - 1) {
          for (int d = highest; d >= 0; d--) {
            double lower = d == 0 ? 0 : d * c[d - 1][i - 1];
            c[d][i] = before * (lower - (nodes[i - 1] - x) * c[d][i - 1]) / product;
          }
        }
        for (int d = highest; d >= 0; d--) {
          double lower = d == 0 ? 0 : d * c[d - 1][j];
          c[d][j] = ((nodes[i] - x) * c[d][j] - lower) / gap;
        }
      }
      before = product;
    }
    return c;
  }

  /** Index of the first node used. */
  int first() {
    return first;
  }

  /** Weights of the nodes from {@link #first} on, of the value (0) or a derivative (1, 2). */
  double[] weights(int derivative) {
    return weights[derivative];
  }

  /** The value (0) or a derivative (1, 2) of {@code values} on the mesh. */
  double apply(int derivative, double[] values) {
    double sum = 0;
    for (int i = 0; i < weights[derivative].length; i++) {
      sum += weights[derivative][i] * values[first + i];
    }
    return sum;
  }
}
