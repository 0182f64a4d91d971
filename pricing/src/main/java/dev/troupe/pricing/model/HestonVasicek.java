package dev.troupe.pricing.model;

import static dev.troupe.pricing.model.Require.within;

/**
 * Heston's variance and a Vasicek short rate with all three correlations (arXiv 2504.03175).
 *
 * @param variance the variance, with the correlation of spot and variance
 * @param rate the short rate
 * @param rhoSr correlation of spot and rate
 * @param rhoVr correlation of variance and rate
 */
public record HestonVasicek(Heston variance, Vasicek rate, double rhoSr, double rhoVr) {

  /**
   * @throws IllegalArgumentException if a correlation is outside [-1, 1] or the three together are
   *     no correlation matrix
   */
  public HestonVasicek {
    within("rhoSr", rhoSr, -1, 1);
    within("rhoVr", rhoVr, -1, 1);
    double rho = variance.rho();
    double determinant = 1 + 2 * rho * rhoSr * rhoVr - rho * rho - rhoSr * rhoSr - rhoVr * rhoVr;
    if (determinant < -1e-12) {
      throw new IllegalArgumentException(
          String.format(
              "rho, rhoSr, rhoVr: %s, %s, %s (expected: a positive semi-definite correlation"
                  + " matrix; its determinant is %.4g)",
              rho, rhoSr, rhoVr, determinant));
    }
  }
}
