package dev.troupe.pricing.fd.internal;

/** Early exercise: the larger of continuation and exercise. */
final class Projection implements StepCondition {
  private final Obstacle obstacle;

  Projection(Obstacle obstacle) {
    this.obstacle = obstacle;
  }

  @Override
  public void source(double dt, double[][] rightHandSide) {}

  @Override
  public void after(double dt, double toExpiry, double[][] u) {
    afterJump(toExpiry, u);
  }

  @Override
  public void afterJump(double toExpiry, double[][] u) {
    obstacle.at(toExpiry);
    for (int row = 0; row < u.length; row++) {
      raise(u[row], obstacle.value(row));
    }
  }

  static void raise(double[] u, double floor) {
    for (int j = 0; j < u.length; j++) {
      u[j] = Math.max(u[j], floor);
    }
  }
}
