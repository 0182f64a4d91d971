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
  private static final int SPOT = 1;

  private final List<Snapshot> snapshots = new ArrayList<>();
  private final List<Quote> quotes = new ArrayList<>();
  private String timeText = "";
  private long time = Long.MIN_VALUE;
  private double spot;

  /** What they make. */
  public abstract MarketHistory.Kind kind();

  /** Our names of the columns, in the order in which {@link #quote} takes them. */
  public abstract List<String> columns();

  /** The quote of a row. */
  abstract Quote quote(TextTable row, long at, double spotThen);

  /** Looks at a snapshot that is complete. */
  void check(Snapshot snapshot) {}

  /** Takes the row that the table is at. */
  public final void add(TextTable row) {
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
        spot = row.positive(SPOT);
      }
      timeText = text;
    }
    double again = row.positive(SPOT);
    if (again != spot) {
      throw row.wrong(
          SPOT, "%s (expected: %s as in other rows of %s)".formatted(again, spot, timeText));
    }
    quotes.add(quote(row, time, spot));
  }

  static long time(TextTable row, int column) {
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
    Snapshot snapshot = new Snapshot(time, spot, quotes);
    check(snapshot);
    snapshots.add(snapshot);
    quotes.clear();
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
