package dev.troupe.pricing.market.internal;

import dev.troupe.core.InputException;
import java.nio.file.Path;
import java.util.List;

/**
 * Some columns of a file, row by row, each value as text, so that what is no number can be reported
 * with its line and column.
 */
public abstract class Table implements AutoCloseable {

  /**
   * Opens a file: what ends in {@code .parquet} is Parquet, in {@code .zip} LEAN's quotes by the
   * minute, anything else CSV, {@code .gz} as well.
   *
   * @param every minutes from one time to the next that is taken of quotes by the minute
   * @throws InputException if it cannot be read
   */
  public static Table open(Path file, int every) {
    return file.toString().endsWith(".zip") ? LeanZip.read(file, every) : TextTable.open(file);
  }

  /** All columns of the file, or those that were selected. */
  public abstract List<String> columns();

  /**
   * Begins to read these columns, "" for one that the file lacks; {@link #text} counts in their
   * order.
   */
  public abstract void select(List<String> names);

  /** Goes to the next row; false at the end. */
  public abstract boolean next();

  /** The value in a column, "" if there is none. */
  public abstract String text(int column);

  /** The place of the row. */
  public abstract String where();

  @Override
  public abstract void close();

  /** The number in a column, NaN if there is none. */
  public double number(int column) {
    String text = text(column);
    if (text.isEmpty()) {
      return Double.NaN;
    }
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw wrong(column, "'" + text + "' (expected: a number)");
    }
  }

  /** A number that must be there and above 0. */
  public double positive(int column) {
    double value = number(column);
    if (!(value > 0 && Double.isFinite(value))) {
      String text = text(column);
      throw wrong(column, (text.isEmpty() ? "empty" : text) + " (expected: a number > 0)");
    }
    return value;
  }

  /** Says what is wrong in a column of the row, with its place. */
  public InputException wrong(int column, String what) {
    return new InputException("%s, column %s: %s".formatted(where(), columns().get(column), what));
  }
}
