package dev.troupe.pricing.model;

import static dev.troupe.pricing.model.Require.above;
import static dev.troupe.pricing.model.Require.atLeast;
import static dev.troupe.pricing.model.Require.finite;

/**
 * Vasicek's short rate under the pricing measure: {@code dr = speed (mean - r) dt + vol dW_r}.
 *
 * @param r0 short rate now, a year, continuously compounded
 * @param speed of mean reversion, 1/year
 * @param mean long-run short rate
 * @param vol absolute volatility of the short rate, a root of a year
 */
public record Vasicek(double r0, double speed, double mean, double vol) {

  /**
   * @throws IllegalArgumentException if a value is outside its range
   */
  public Vasicek {
    finite("r0", r0);
    above("speed", speed, 0);
    finite("mean", mean);
    atLeast("vol", vol, 0);
  }
}
