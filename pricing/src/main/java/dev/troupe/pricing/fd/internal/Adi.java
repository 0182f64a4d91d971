package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.Scheme;
import java.util.Arrays;

/**
 * One time step of an alternating-direction implicit scheme, written in increments. With {@code z =
 * y - u} the implicit stages lose their right-hand side's {@code Fj u}: {@code (I - w Fj) z_j =
 * z_(j-1)}, so a stage is one application of the whole operator and one solve along each axis.
 *
 * <pre>
 * z0 = dt (F u + lambda);   z = solve(z0)
 * Douglas                u += z
 * Craig-Sneyd            u += solve(z0 + dt/2 F0 z)
 * modified Craig-Sneyd   u += solve(z0 + dt/2 F0 z + (1/2 - theta) dt (F1 + F2 + F3) z)
 * Hundsdorfer-Verwer     u += z + solve(z0 - z + dt/2 F z)
 * </pre>
 */
final class Adi {
  private final Operator operator;
  private final Scheme scheme;
  private final double theta;
  private final double[][] z0;
  private final double[][] z;

  Adi(Operator operator, Scheme scheme, double theta, int rows, int length) {
    this.operator = operator;
    this.scheme = scheme;
    this.theta = theta;
    z0 = Rows.field(rows, length);
    z = Rows.field(rows, length);
  }

  /** A step of the scheme. */
  void step(double dt, StepCondition condition, double[][] u) {
    operator.factor(theta * dt);
    predict(dt, condition, u);
    // In one dimension the second stage of both Craig-Sneyd schemes, with theta 1/2, changes
    // nothing.
    boolean oneStage = scheme == Scheme.DOUGLAS || (operator.dimensions() == 1 && craigSneyd());
    if (oneStage) {
      operator.solve(z0);
      add(u, z0);
      return;
    }
    copy(z0, z);
    operator.solve(z);
    switch (scheme) {
      case CRAIG_SNEYD -> operator.apply(dt / 2, 0, z, z0);
      case MODIFIED_CRAIG_SNEYD -> operator.apply(dt / 2, (0.5 - theta) * dt, z, z0);
      default -> {
        subtract(z0, z);
        operator.apply(dt / 2, dt / 2, z, z0);
        add(u, z);
      }
    }
    operator.solve(z0);
    add(u, z0);
  }

  /**
   * A damping step: Douglas with theta 1, of first order, which smooths what the payoff's bend
   * left.
   */
  void damp(double dt, StepCondition condition, double[][] u) {
    operator.factor(dt);
    predict(dt, condition, u);
    operator.solve(z0);
    add(u, z0);
  }

  private boolean craigSneyd() {
    return scheme == Scheme.CRAIG_SNEYD || scheme == Scheme.MODIFIED_CRAIG_SNEYD;
  }

  private void predict(double dt, StepCondition condition, double[][] u) {
    for (double[] row : z0) {
      Arrays.fill(row, 0);
    }
    condition.source(dt, z0);
    operator.apply(dt, dt, u, z0);
  }

  private static void add(double[][] u, double[][] z) {
    for (int row = 0; row < u.length; row++) {
      Rows.add(u[row], z[row]);
    }
  }

  private static void subtract(double[][] u, double[][] z) {
    for (int row = 0; row < u.length; row++) {
      Rows.subtract(u[row], z[row]);
    }
  }

  private static void copy(double[][] from, double[][] to) {
    for (int row = 0; row < from.length; row++) {
      System.arraycopy(from[row], 0, to[row], 0, from[row].length);
    }
  }
}
