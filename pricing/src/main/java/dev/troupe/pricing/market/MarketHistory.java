package dev.troupe.pricing.market;

import java.util.List;

/**
 * A market through time.
 *
 * @param kind what the quotes came from
 * @param snapshots in order of time
 */
public record MarketHistory(Kind kind, List<Snapshot> snapshots) {

  /** What a history was made of. */
  public enum Kind {
    /** Bids and asks of contracts, which go on from one time to the next. */
    QUOTES,
    /** Implied volatilities at the same maturities and moneynesses each time. */
    SURFACE
  }

  public MarketHistory {
    snapshots = List.copyOf(snapshots);
  }

  /** Quotes of all times. */
  public long quotes() {
    return snapshots.stream().mapToLong(s -> s.quotes().size()).sum();
  }
}
