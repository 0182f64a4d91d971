package dev.troupe.pricing.fd.internal;

/**
 * Solves {@code (I - w A) x = x} in place for one tridiagonal {@code A} and many right-hand sides,
 * each element of a row one of them. Row 0 of {@code A} may reach node 2 as well.
 */
final class Tridiagonal {
  private final int size;
  private final double[] lower;
  private final double[] inverse;
  private final double[] next;
  private double far;

  Tridiagonal(int size) {
    this.size = size;
    lower = new double[size];
    inverse = new double[size];
    next = new double[size];
  }

  void factor(double weight, Stencil a) {
    inverse[0] = 1 / (1 - weight * a.centre[0]);
    next[0] = -weight * a.upper[0] * inverse[0];
    far = -weight * a.far * inverse[0];
    for (int i = 1; i < size; i++) {
      lower[i] = -weight * a.lower[i];
      inverse[i] = 1 / (1 - weight * a.centre[i] - lower[i] * next[i - 1]);
      double upper = -weight * a.upper[i] - (i == 1 ? lower[1] * far : 0);
      next[i] = upper * inverse[i];
    }
  }

  /** Rows {@code first, first + stride, ...} are the unknowns in order. */
  void solve(double[][] x, int first, int stride) {
    Rows.eliminate(x[first], 0, x[first], inverse[0]);
    for (int i = 1; i < size; i++) {
      int row = first + i * stride;
      Rows.eliminate(x[row], lower[i], x[row - stride], inverse[i]);
    }
    for (int i = size - 2; i >= 0; i--) {
      int row = first + i * stride;
      Rows.substitute(x[row], next[i], x[row + stride]);
    }
    if (far != 0) {
      Rows.substitute(x[first], far, x[first + 2 * stride]);
    }
  }
}
