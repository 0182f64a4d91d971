package dev.troupe.pricing.market;

import dev.troupe.core.InputException;
import dev.troupe.pricing.market.internal.ColumnNames;
import dev.troupe.pricing.market.internal.QuoteRows;
import dev.troupe.pricing.market.internal.Rows;
import dev.troupe.pricing.market.internal.SurfaceRows;
import dev.troupe.pricing.market.internal.Table;
import java.nio.file.Path;
import java.util.List;

/**
 * Reads histories from CSV and Parquet files. There are two kinds of table, told apart by their
 * columns; each has one row per option and time, in order of time:
 *
 * <table>
 * <caption>Columns</caption>
 * <tr><td>quotes</td><td>{@code time, spot, expiry, strike, type, bid, ask}</td></tr>
 * <tr><td>surface</td><td>{@code time, spot, days_to_maturity, moneyness, implied_vol}</td></tr>
 * </table>
 *
 * <p>{@code time} is a day (its close) or a day with a time, {@code expiry} a day, {@code type}
 * call or put (or C, P); {@code moneyness} is strike over spot. Other names that are in use are
 * known (date, right, underlying_price, ...), any others can be given. A surface's points become
 * options out of the money, priced at their volatility. Quotes without a column {@code spot} get it
 * from parity ({@code ParitySpot}); so do LEAN's zips of quotes by the minute ({@code LeanZip}).
 */
public final class MarketReader {

  private static final String SPOT = "spot";

  private final Terms terms;
  private final ColumnNames names;
  private final int every;

  /**
   * A reader.
   *
   * @param terms what a surface's volatilities are priced with, and a spot is found with that a
   *     file lacks
   * @param columns as {@code OURS=THEIRS}
   * @param every minutes from one time to the next that is taken of LEAN's quotes by the minute
   * @throws InputException if {@code columns} has another form
   */
  public MarketReader(Terms terms, List<String> columns, int every) {
    this.terms = terms;
    this.names = ColumnNames.of(columns);
    this.every = every;
  }

  /**
   * What was read.
   *
   * @param history whole snapshots
   * @param rows that were read
   * @param whole whether these were all rows
   * @param withoutSpot rows of times that were left out, since they have no spot and no pair of a
   *     call and a put near the money that says it
   */
  public record Read(MarketHistory history, long rows, boolean whole, long withoutSpot) {}

  /** Reads the files one after the other. */
  public Read read(List<Path> files) {
    return read(files, Long.MAX_VALUE);
  }

  /**
   * Reads the first rows of the files; a snapshot that is cut is left out.
   *
   * @throws InputException if a column is missing, a value is none, times are out of order, or a
   *     surface has a hole; the message names file, line and column
   */
  public Read read(List<Path> files, long mostRows) {
    if (files.isEmpty()) {
      throw new InputException("data: none (expected: at least one file)");
    }
    Rows rows = null;
    long count = 0;
    for (Path file : files) {
      try (Table table = Table.open(file, every)) {
        boolean surface = names.has("implied_vol", table.columns());
        if (rows == null) {
          rows = surface ? new SurfaceRows(terms) : new QuoteRows(terms);
        } else if (rows.kind()
            != (surface ? MarketHistory.Kind.SURFACE : MarketHistory.Kind.QUOTES)) {
          throw new InputException(
              file + ": columns " + table.columns() + " (expected: those of " + files.get(0) + ")");
        }
        String optional = surface ? "" : SPOT;
        table.select(names.resolve(file.toString(), rows.columns(), optional, table.columns()));
        while (table.next()) {
          if (count == mostRows) {
            return read(rows, count, false);
          }
          rows.add(table);
          count++;
        }
      }
    }
    return read(rows, count, true);
  }

  private static Read read(Rows rows, long count, boolean whole) {
    MarketHistory history = rows.history(whole);
    return new Read(history, count, whole, rows.withoutSpot());
  }
}
