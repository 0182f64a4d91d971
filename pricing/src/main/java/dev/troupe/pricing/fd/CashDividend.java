package dev.troupe.pricing.fd;

/**
 * A dividend of a known amount: the spot falls by it, though not below 0.
 *
 * @param time years from now, after now
 * @param amount in units of the spot
 */
public record CashDividend(double time, double amount) {

  /**
   * @throws IllegalArgumentException if the time is not in the future or the amount negative
   */
  public CashDividend {
    if (!(time > 0) || Double.isInfinite(time)) {
      throw new IllegalArgumentException("time: " + time + " (expected: > 0)");
    }
    if (!(amount >= 0) || Double.isInfinite(amount)) {
      throw new IllegalArgumentException("amount: " + amount + " (expected: >= 0)");
    }
  }
}
