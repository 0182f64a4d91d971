package dev.troupe.pricing.fd;

import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Vasicek;

/**
 * Spot, variance and short rate together, with all three correlations: Heston-Vasicek, or
 * Heston-Hull-White, and as special cases Heston and Black-Scholes.
 *
 * @param variance Heston's; with {@code sigma} 0 it is known in advance
 * @param rate the short rate
 * @param rhoSr correlation of spot and rate
 * @param rhoVr correlation of variance and rate
 */
public record FdModel(Heston variance, ShortRate rate, double rhoSr, double rhoVr) {

  /**
   * @throws IllegalArgumentException if the correlations are no correlation matrix
   */
  public FdModel {
    // That record checks correlations, by the same names.
    HestonVasicek checked = new HestonVasicek(variance, new Vasicek(0, 1, 0, 0), rhoSr, rhoVr);
    rhoSr = checked.rhoSr();
    rhoVr = checked.rhoVr();
  }

  /** One volatility, a known rate. */
  public static FdModel blackScholes(double vol, ShortRate rate) {
    return blackScholes(vol, rate, 0);
  }

  /** One volatility, a random rate and the correlation of spot and rate. */
  public static FdModel blackScholes(double vol, ShortRate rate, double rhoSr) {
    return new FdModel(constant(vol), rate, rhoSr, 0);
  }

  /** Heston's variance, a known rate. */
  public static FdModel heston(Heston variance, ShortRate rate) {
    return new FdModel(variance, rate, 0, 0);
  }

  /** Heston's variance, Vasicek's rate. */
  public static FdModel hestonVasicek(HestonVasicek model) {
    return new FdModel(
        model.variance(), ShortRate.vasicek(model.rate()), model.rhoSr(), model.rhoVr());
  }

  /** Whether the variance is random. */
  public boolean stochasticVariance() {
    return variance.sigma() > 0;
  }

  /** Largest absolute correlation of two random factors. */
  public double largestCorrelation() {
    double largest = stochasticVariance() ? Math.abs(variance.rho()) : 0;
    if (rate.stochastic()) {
      largest = Math.max(largest, Math.max(Math.abs(rhoSr), Math.abs(rhoVr)));
    }
    return largest;
  }

  private static Heston constant(double vol) {
    if (!(vol > 0) || Double.isInfinite(vol)) {
      throw new IllegalArgumentException("vol: " + vol + " (expected: > 0)");
    }
    return new Heston(vol * vol, 1, vol * vol, 0, 0);
  }
}
