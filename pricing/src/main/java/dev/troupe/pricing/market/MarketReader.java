package dev.troupe.pricing.market;

import dev.troupe.core.InputException;
import dev.troupe.pricing.market.internal.ColumnNames;
import dev.troupe.pricing.market.internal.QuoteRows;
import dev.troupe.pricing.market.internal.Rows;
import dev.troupe.pricing.market.internal.SurfaceRows;
import dev.troupe.pricing.market.internal.TextTable;
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
 * options out of the money, priced at their volatility.
 */
public final class MarketReader {

  private final Terms terms;
  private final ColumnNames names;

  /**
   * A reader.
   *
   * @param terms what a surface's volatilities are priced with
   * @param columns as {@code OURS=THEIRS}
   * @throws InputException if {@code columns} has another form
   */
  public MarketReader(Terms terms, List<String> columns) {
    this.terms = terms;
    this.names = ColumnNames.of(columns);
  }

  /**
   * What was read.
   *
   * @param history whole snapshots
   * @param rows that were read
   * @param whole whether these were all rows
   */
  public record Read(MarketHistory history, long rows, boolean whole) {}

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
      try (TextTable table = TextTable.open(file)) {
        boolean surface = names.has("implied_vol", table.columns());
        if (rows == null) {
          rows = surface ? new SurfaceRows(terms) : new QuoteRows();
        } else if (rows.kind()
            != (surface ? MarketHistory.Kind.SURFACE : MarketHistory.Kind.QUOTES)) {
          throw new InputException(
              file + ": columns " + table.columns() + " (expected: those of " + files.get(0) + ")");
        }
        table.select(names.resolve(file.toString(), rows.columns(), table.columns()));
        while (table.next()) {
          if (count == mostRows) {
            return new Read(rows.history(false), count, false);
          }
          rows.add(table);
          count++;
        }
      }
    }
    return new Read(rows.history(true), count, true);
  }
}
