package dev.troupe.pricing.calibration.internal;

import java.util.Arrays;

/**
 * A cubic through points that rises where they rise: Hermite's, with slopes limited as F. Fritsch
 * and J. Butland ("A method for constructing local monotone piecewise cubic interpolants", 1984).
 * Straight on both sides of the points.
 */
public final class MonotoneCubic {

  private final double[] x;
  private final double[] y;
  private final double[] slopes;

  /**
   * @param x increasing, at least two
   */
  public MonotoneCubic(double[] x, double[] y) {
    this.x = x.clone();
    this.y = y.clone();
    int n = x.length;
    slopes = new double[n];
    for (int i = 1; i < n - 1; i++) {
      slopes[i] = limited(x[i] - x[i - 1], x[i + 1] - x[i], secant(i - 1), secant(i));
    }
    slopes[0] = n == 2 ? secant(0) : end(secant(0), slopes[1]);
    slopes[n - 1] = n == 2 ? secant(0) : end(secant(n - 2), slopes[n - 2]);
  }

  /** The value at {@code t}. */
  public double value(double t) {
    int n = x.length;
    if (t <= x[0]) {
      return y[0] + slopes[0] * (t - x[0]);
    } else if (t >= x[n - 1]) {
      return y[n - 1] + slopes[n - 1] * (t - x[n - 1]);
    }
    int i = interval(t);
    double h = x[i + 1] - x[i];
    double u = (t - x[i]) / h;
    double v = 1 - u;
    return v * v * (1 + 2 * u) * y[i]
        + u * u * (1 + 2 * v) * y[i + 1]
        + h * u * v * (v * slopes[i] - u * slopes[i + 1]);
  }

  /** The derivative at {@code t}. */
  public double slope(double t) {
    int n = x.length;
    if (t <= x[0] || t >= x[n - 1]) {
      return slopes[t <= x[0] ? 0 : n - 1];
    }
    int i = interval(t);
    double u = (t - x[i]) / (x[i + 1] - x[i]);
    double v = 1 - u;
    return 6 * u * v * secant(i) + v * (1 - 3 * u) * slopes[i] + u * (1 - 3 * v) * slopes[i + 1];
  }

  private int interval(double t) {
    int place = Arrays.binarySearch(x, t);
    return place >= 0 ? place : -place - 2;
  }

  private double secant(int i) {
    return (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
  }

  /** A weighted harmonic mean; 0 where the points turn. */
  private static double limited(double left, double right, double before, double after) {
    if (before * after <= 0) {
      return 0;
    }
    double a = left + 2 * right;
    double b = 2 * left + right;
    return (a + b) / (a / after + b / before);
  }

  /** Continues the curvature of the interval, limited so that it stays monotone. */
  private static double end(double secant, double inner) {
    double slope = (3 * secant - inner) / 2;
    if (slope * secant <= 0) {
      return 0;
    }
    return Math.abs(slope) > 3 * Math.abs(secant) ? 3 * secant : slope;
  }
}
