package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.Grid;
import dev.troupe.pricing.fd.Spacing;
import dev.troupe.pricing.model.Heston;

/** The three axes of a sweep. */
record Meshes(Mesh spot, Mesh variance, Mesh rate) {

  /** Least variance of the log forward that a mesh is made for. */
  private static final double LEAST = 1e-8;

  /**
   * @param furthest forward over strike that will be read
   */
  static Meshes of(Problem problem, Grid grid, double furthest, Spacing spacing) {
    FdModel model = problem.model();
    double expiry = problem.expiry();
    boolean quantiles = spacing == Spacing.QUANTILE;
    Mesh spot = Mesher.spot(grid.spot(), deviation(model, expiry), furthest);
    Mesh variance =
        quantiles
            ? QuantileMesher.variance(grid.variance(), model.variance(), expiry)
            : Mesher.variance(grid.variance(), model.variance(), expiry);
    if (!problem.needsRate()) {
      return new Meshes(spot, variance, Mesher.noRate());
    }
    Mesh rate =
        quantiles
            ? QuantileMesher.rate(grid.rate(), model.rate(), expiry)
            : Mesher.rate(grid.rate(), model.rate(), expiry);
    return new Meshes(spot, variance, rate);
  }

  /** Without the rate. */
  Meshes withoutRate() {
    return new Meshes(spot, variance, Mesher.noRate());
  }

  /** About the deviation of the log forward at expiry. */
  static double deviation(FdModel model, double expiry) {
    Heston heston = model.variance();
    double share = -Math.expm1(-heston.kappa() * expiry) / (heston.kappa() * expiry);
    double mean = heston.theta() + (heston.v0() - heston.theta()) * share;
    double bond =
        model.rate().stochastic() ? model.rate().vol() * model.rate().duration(expiry) : 0;
    double least = heston.sigma() * heston.sigma() * expiry / 16;
    return Math.sqrt(Math.max((Math.max(mean, least) + bond * bond / 3) * expiry, LEAST));
  }
}
