package dev.troupe.pricing.model;

import static dev.troupe.pricing.model.Require.above;
import static dev.troupe.pricing.model.Require.atLeast;
import static dev.troupe.pricing.model.Require.within;

/**
 * Heston's stochastic variance under the pricing measure: {@code dv = kappa (theta - v) dt + sigma
 * sqrt(v) dW_v}, with {@code dW_S dW_v = rho dt}.
 *
 * @param v0 variance now, a year
 * @param kappa speed of mean reversion, 1/year
 * @param theta long-run variance, a year
 * @param sigma volatility of variance
 * @param rho correlation of spot and variance
 */
public record Heston(double v0, double kappa, double theta, double sigma, double rho) {

  /**
   * @throws IllegalArgumentException if a value is outside its range
   */
  public Heston {
    atLeast("v0", v0, 0);
    above("kappa", kappa, 0);
    atLeast("theta", theta, 0);
    atLeast("sigma", sigma, 0);
    within("rho", rho, -1, 1);
  }

  /** Whether variance never reaches 0: {@code 2 kappa theta >= sigma^2}. */
  public boolean feller() {
    return 2 * kappa * theta >= sigma * sigma;
  }
}
