package dev.troupe.pricing.model;

import static dev.troupe.pricing.model.Require.above;

/**
 * A vanilla option on the spot.
 *
 * @param strike in units of the spot
 * @param expiry years from now
 */
public record Option(Type type, Exercise exercise, double strike, double expiry) {

  /** The right to buy or to sell. */
  public enum Type {
    CALL,
    PUT;

    /** 1 for a call, -1 for a put. */
    public int sign() {
      return this == CALL ? 1 : -1;
    }
  }

  /** When the right may be used. */
  public enum Exercise {
    EUROPEAN,
    AMERICAN
  }

  /**
   * @throws IllegalArgumentException if {@code strike} or {@code expiry} is not positive
   */
  public Option {
    above("strike", strike, 0);
    above("expiry", expiry, 0);
  }

  /** What exercise brings at this spot. */
  public double payoff(double spot) {
    return Math.max(type.sign() * (spot - strike), 0);
  }
}
