package dev.troupe.pricing.market.internal;

import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.Snapshot;
import java.util.ArrayList;
import java.util.List;

/** Puts rows together into snapshots. The first two columns are time and spot. */
public abstract class Rows {

  private static final int TIME = 0;
  static final int SPOT = 1;

  private final List<Snapshot> snapshots = new ArrayList<>();
  private final List<Quote> quotes = new ArrayList<>();
  private String timeText = "";
  private long time = Long.MIN_VALUE;
  private double spot;
  private long withoutSpot;

  /** What they make. */
  public abstract MarketHistory.Kind kind();

  /** Our names of the columns, in the order in which {@link #quote} takes them. */
  public abstract List<String> columns();

  /** The price of the underlying in a row, NaN if the file does not have it. */
  double spot(Table row) {
    return row.positive(SPOT);
  }

  /** The same from the quotes of a time, NaN if they do not say. */
  double spot(long at, List<Quote> quotesThen) {
    return Double.NaN;
  }

  /** The quote of a row. */
  abstract Quote quote(Table row, long at, double spotThen);

  /** Looks at a snapshot that is complete. */
  void check(Snapshot snapshot) {}

  /** Takes the row that the table is at. */
  public final void add(Table row) {
    String text = row.text(TIME);
    if (!text.equals(timeText)) {
      long next = time(row, TIME);
      if (next < time) {
        throw row.wrong(
            TIME,
            "%s after %s (expected: rows in order of time; sort the file)"
                .formatted(text, timeText));
      }
      if (next > time) {
        finish();
        time = next;
        spot = spot(row);
      }
      timeText = text;
    }
    double again = spot(row);
    if (Double.compare(again, spot) != 0) {
      throw row.wrong(
          SPOT, "%s (expected: %s as in other rows of %s)".formatted(again, spot, timeText));
    }
    quotes.add(quote(row, time, spot));
  }

  static long time(Table row, int column) {
    try {
      return MarketTime.parse(row.text(column));
    } catch (IllegalArgumentException e) {
      throw row.wrong(column, e.getMessage());
    }
  }

  private void finish() {
    if (quotes.isEmpty()) {
      return;
    }
    quotes.sort(Quote.ORDER);
    double then = Double.isNaN(spot) ? spot(time, quotes) : spot;
    Snapshot snapshot = new Snapshot(time, then, quotes);
    check(snapshot);
    if (Double.isNaN(then)) {
      withoutSpot += quotes.size();
    } else {
      snapshots.add(snapshot);
    }
    quotes.clear();
  }

  /** Rows of times that were left out, since nothing says where the spot was. */
  public final long withoutSpot() {
    return withoutSpot;
  }

  /**
   * All of them.
   *
   * @param whole whether the last snapshot has all its rows; it is left out if not
   */
  public final MarketHistory history(boolean whole) {
    if (whole) {
      finish();
    }
    return new MarketHistory(kind(), snapshots);
  }
}
