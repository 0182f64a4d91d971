package dev.troupe.pricing.analytic.internal;

import java.util.function.DoubleUnaryOperator;

/** Gauss-Legendre quadrature: exact for polynomials of degree {@code 2 n - 1}. */
public final class GaussLegendre {

  private final double[] nodes;
  private final double[] weights;

  private GaussLegendre(double[] nodes, double[] weights) {
    this.nodes = nodes;
    this.weights = weights;
  }

  /** The rule of {@code n} nodes; they are found by Newton's method on the Legendre polynomial. */
  public static GaussLegendre of(int n) {
    double[] nodes = new double[n];
    double[] weights = new double[n];
    for (int i = 0; i < n; i++) {
      double x = -Math.cos(Math.PI * (i + 0.75) / (n + 0.5));
      double slope = 0;
      double step = 1;
      for (int iteration = 0; iteration < 20 && Math.abs(step) > 1e-15; iteration++) {
        double previous = 1;
        double value = x;
        for (int k = 2; k <= n; k++) {
          double next = ((2 * k - 1) * x * value - (k - 1) * previous) / k;
          previous = value;
          value = next;
        }
        slope = n * (x * value - previous) / (x * x - 1);
        step = value / slope;
        x -= step;
      }
      nodes[i] = x;
      weights[i] = 2 / ((1 - x * x) * slope * slope);
    }
    return new GaussLegendre(nodes, weights);
  }

  /** How many nodes. */
  public int size() {
    return nodes.length;
  }

  /** A node's place in [-1, 1]. */
  public double node(int i) {
    return nodes[i];
  }

  /** A node's weight; all sum to 2. */
  public double weight(int i) {
    return weights[i];
  }

  /** The integral from {@code a} to {@code b}. */
  public double integrate(double a, double b, DoubleUnaryOperator f) {
    double half = (b - a) / 2;
    double sum = 0;
    for (int i = 0; i < nodes.length; i++) {
      sum += weights[i] * f.applyAsDouble(a + half * (1 + nodes[i]));
    }
    return half * sum;
  }
}
