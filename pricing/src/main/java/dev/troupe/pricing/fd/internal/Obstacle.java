package dev.troupe.pricing.fd.internal;

/** What exercise brings, in the units of {@code u}: {@code max(+-(y e^(q s) - 1/P(t,T,x)), 0)}. */
final class Obstacle {
  private final Problem problem;
  private final Meshes meshes;
  private final double[] strike;
  private double growth;

  Obstacle(Problem problem, Meshes meshes) {
    this.problem = problem;
    this.meshes = meshes;
    strike = new double[meshes.rate().size()];
  }

  /** Takes the time to expiry. */
  void at(double toExpiry) {
    growth = Math.exp(problem.dividendYield() * toExpiry);
    double now = problem.expiry() - toExpiry;
    for (int k = 0; k < strike.length; k++) {
      strike[k] = 1 / problem.model().rate().bond(now, problem.expiry(), meshes.rate().node(k));
    }
  }

  /** At a row of the field. */
  double value(int row) {
    int spots = meshes.spot().size();
    double y = meshes.spot().node(row % spots);
    return Math.max(problem.type().sign() * (y * growth - strike[row / spots]), 0);
  }
}
