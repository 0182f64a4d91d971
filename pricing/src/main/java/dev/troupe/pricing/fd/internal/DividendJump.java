package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.CashDividend;

/**
 * The spot falls by a cash dividend, though not below 0: just before it, {@code u(y) <- u(max(y - D
 * e^(-q s) / (K P(t,T,x)), 0))}, interpolated by cubics along the spot.
 */
final class DividendJump {
  private static final int POINTS = 4;

  private final Problem problem;
  private final Meshes meshes;
  private final double[][] before;

  DividendJump(Problem problem, Meshes meshes) {
    this.problem = problem;
    this.meshes = meshes;
    before = Rows.field(meshes.spot().size(), meshes.variance().size());
  }

  void apply(CashDividend dividend, double[][] u) {
    double toExpiry = problem.expiry() - dividend.time();
    int spots = meshes.spot().size();
    for (int k = 0; k < meshes.rate().size(); k++) {
      double bond =
          problem.model().rate().bond(dividend.time(), problem.expiry(), meshes.rate().node(k));
      double fall = dividend.amount() * Math.exp(-problem.dividendYield() * toExpiry) / bond;
      for (int i = 0; i < spots; i++) {
        System.arraycopy(u[k * spots + i], 0, before[i], 0, before[i].length);
      }
      for (int i = 0; i < spots; i++) {
        double y = Math.max(meshes.spot().node(i) - fall, 0);
        read(Interpolation.at(y, meshes.spot(), POINTS), u[k * spots + i]);
      }
    }
  }

  private void read(Interpolation at, double[] out) {
    double[] w = at.weights(0);
    for (int j = 0; j < out.length; j++) {
      double sum = 0;
      for (int i = 0; i < w.length; i++) {
        sum += w[i] * before[at.first() + i][j];
      }
      out[j] = sum;
    }
  }
}
