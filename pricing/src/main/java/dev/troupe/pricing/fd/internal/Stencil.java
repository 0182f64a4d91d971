package dev.troupe.pricing.fd.internal;

/**
 * Three-point weights at each node of a mesh; row {@code i} acts on nodes {@code i-1, i, i+1}, and
 * row 0 also on node 2.
 */
final class Stencil {
  final double[] lower;
  final double[] centre;
  final double[] upper;

  /** Weight of node 2 in row 0. */
  double far;

  Stencil(int size) {
    lower = new double[size];
    centre = new double[size];
    upper = new double[size];
  }

  /** Row {@code i} of {@code first * d1 + second * d2}. */
  void combine(int i, double first, Stencil d1, double second, Stencil d2) {
    lower[i] = first * d1.lower[i] + second * d2.lower[i];
    centre[i] = first * d1.centre[i] + second * d2.centre[i];
    upper[i] = first * d1.upper[i] + second * d2.upper[i];
    if (i == 0) {
      far = first * d1.far + second * d2.far;
    }
  }
}
