package dev.troupe.pricing.market;

import dev.troupe.pricing.model.Option;
import java.util.Comparator;

/**
 * What an option costs at one time.
 *
 * @param type call or put
 * @param strike in units of the spot
 * @param expires when, as {@link MarketTime} counts
 * @param bid NaN if the price comes from a surface
 * @param ask NaN if the price comes from a surface
 * @param price the middle of bid and ask, or Black-Scholes' at the surface's volatility
 */
public record Quote(
    Option.Type type, double strike, long expires, double bid, double ask, double price) {

  /** By expiry, strike, type: the order within a snapshot. */
  public static final Comparator<Quote> ORDER =
      Comparator.comparingLong(Quote::expires)
          .thenComparingDouble(Quote::strike)
          .thenComparing(Quote::type);

  /** One with both sides. */
  public static Quote of(Option.Type type, double strike, long expires, double bid, double ask) {
    return new Quote(type, strike, expires, bid, ask, (bid + ask) / 2);
  }

  /** Whether two quotes are of the same contract. */
  public boolean sameContract(Quote other) {
    return ORDER.compare(this, other) == 0;
  }
}
