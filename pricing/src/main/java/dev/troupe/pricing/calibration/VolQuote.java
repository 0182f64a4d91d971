package dev.troupe.pricing.calibration;

/**
 * A point of a surface of implied volatilities.
 *
 * @param expiry years from now
 * @param strike in units of the forward's currency
 * @param forward of the underlying at the expiry
 * @param vol Black's, a year
 */
public record VolQuote(double expiry, double strike, double forward, double vol) {

  /**
   * @throws IllegalArgumentException if a value is not a positive finite number
   */
  public VolQuote {
    positive("expiry", expiry);
    positive("strike", strike);
    positive("forward", forward);
    positive("vol", vol);
  }

  private static void positive(String field, double value) {
    if (!(value > 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: > 0)");
    }
  }
}
