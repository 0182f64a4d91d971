package dev.troupe.pricing.fd.internal;

import java.util.Arrays;

/**
 * Early exercise by operator splitting: the complementarity problem {@code u_s = F u + lambda,
 * lambda >= 0, u >= g, lambda (u - g) = 0} is stepped with the multiplier of the step before, then
 * {@code u} and {@code lambda} are corrected point by point (Ikonen and Toivanen 2004, Operator
 * splitting methods for American option pricing).
 */
final class Splitting implements StepCondition {
  private final Obstacle obstacle;
  private final double[][] multiplier;

  Splitting(Obstacle obstacle, int rows, int length) {
    this.obstacle = obstacle;
    multiplier = Rows.field(rows, length);
  }

  @Override
  public void source(double dt, double[][] rightHandSide) {
    for (int row = 0; row < multiplier.length; row++) {
      addScaled(rightHandSide[row], dt, multiplier[row]);
    }
  }

  @Override
  public void after(double dt, double toExpiry, double[][] u) {
    obstacle.at(toExpiry);
    for (int row = 0; row < u.length; row++) {
      correct(u[row], multiplier[row], obstacle.value(row), dt);
    }
  }

  @Override
  public void afterJump(double toExpiry, double[][] u) {
    obstacle.at(toExpiry);
    for (int row = 0; row < u.length; row++) {
      Projection.raise(u[row], obstacle.value(row));
      Arrays.fill(multiplier[row], 0);
    }
  }

  private static void addScaled(double[] out, double dt, double[] multiplier) {
    for (int j = 0; j < out.length; j++) {
      out[j] += dt * multiplier[j];
    }
  }

  private static void correct(double[] u, double[] multiplier, double floor, double dt) {
    double rate = 1 / dt;
    for (int j = 0; j < u.length; j++) {
      double y = u[j];
      double l = multiplier[j];
      u[j] = Math.max(y - dt * l, floor);
      multiplier[j] = Math.max(l + (floor - y) * rate, 0);
    }
  }
}
