package dev.troupe.pricing.analytic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Greeks;
import java.util.function.DoubleFunction;
import java.util.function.DoubleUnaryOperator;

/** Holds derivatives against central differences of the price. */
final class Slopes {
  private Slopes() {}

  /**
   * @param bySpot the price at another spot
   * @param byVol with this added to the volatility, or to the root of the variance
   * @param byRate with this added to the rate
   * @param byExpiry with this added to the expiry
   */
  static void check(
      Greeks greeks,
      double spot,
      DoubleFunction<Greeks> bySpot,
      DoubleFunction<Greeks> byVol,
      DoubleFunction<Greeks> byRate,
      DoubleFunction<Greeks> byExpiry) {
    close(greeks.delta(), slope(s -> bySpot.apply(spot + s).price(), 1e-3 * spot), 1);
    close(greeks.gamma() * spot, spot * slope(s -> bySpot.apply(spot + s).delta(), 1e-3 * spot), 1);
    close(greeks.vega(), slope(x -> byVol.apply(x).price(), 1e-3), spot);
    close(greeks.rho(), slope(x -> byRate.apply(x).price(), 1e-3), spot);
    close(greeks.theta(), -slope(x -> byExpiry.apply(x).price(), 1e-3), spot);
  }

  private static void close(double actual, double expected, double scale) {
    assertThat(actual).isCloseTo(expected, within(1e-6 * (scale + Math.abs(expected))));
  }

  /** Five points, so that steps may be large enough not to lose digits. */
  private static double slope(DoubleUnaryOperator f, double h) {
    double near = f.applyAsDouble(h) - f.applyAsDouble(-h);
    double far = f.applyAsDouble(2 * h) - f.applyAsDouble(-2 * h);
    return (8 * near - far) / (12 * h);
  }
}
