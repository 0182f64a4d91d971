package dev.troupe.pricing.market;

import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The market at one time.
 *
 * @param time as {@link MarketTime} counts
 * @param spot price of the underlying
 * @param quotes in {@link Quote#ORDER}
 */
public record Snapshot(long time, double spot, List<Quote> quotes) {

  public Snapshot {
    quotes = List.copyOf(quotes);
  }

  /** The quote of the same contract, if there is one. */
  public Optional<Quote> find(Quote contract) {
    int at = Collections.binarySearch(quotes, contract, Quote.ORDER);
    return at < 0 ? Optional.empty() : Optional.of(quotes.get(at));
  }
}
