package dev.troupe.pricing.fd;

import java.util.Comparator;
import java.util.List;

/**
 * What the underlying costs now and what it pays.
 *
 * @param spot price now
 * @param dividendYield continuous, a year
 * @param dividends known amounts, kept in order of time
 */
public record Market(double spot, double dividendYield, List<CashDividend> dividends) {

  /**
   * @throws IllegalArgumentException if the spot is not positive or the yield not finite
   */
  public Market {
    if (!(spot > 0) || Double.isInfinite(spot)) {
      throw new IllegalArgumentException("spot: " + spot + " (expected: > 0)");
    }
    if (!Double.isFinite(dividendYield)) {
      throw new IllegalArgumentException(
          "dividendYield: " + dividendYield + " (expected: a finite number)");
    }
    dividends = dividends.stream().sorted(Comparator.comparingDouble(CashDividend::time)).toList();
  }

  /** No cash dividends. */
  public Market(double spot, double dividendYield) {
    this(spot, dividendYield, List.of());
  }
}
