package dev.troupe.pricing.market.internal;

import static java.util.stream.Collectors.joining;

import dev.troupe.core.InputException;
import dev.troupe.core.duckdb.DuckDb;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A CSV or Parquet file, read by DuckDB. */
public final class TextTable extends Table {

  private final Path file;
  private final boolean parquet;
  private final Connection connection;
  private final Statement statement;
  private final String source;
  private ResultSet rows;
  private List<String> columns;
  private long row;

  private TextTable(Path file) {
    this.file = file;
    parquet = file.toString().endsWith(".parquet");
    if (!Files.isRegularFile(file)) {
      throw new InputException(file + ": no such file (expected: a CSV or Parquet file)");
    }
    try {
      connection = DuckDb.open();
    } catch (SQLException e) {
      throw unreadable(e);
    }
    try {
      statement = connection.createStatement();
      source = parquet ? DuckDb.parquet(file) : DuckDb.csv(statement, file);
      columns = describe();
    } catch (SQLException e) {
      close();
      throw unreadable(e);
    }
  }

  /**
   * Opens a file; what ends in {@code .parquet} is Parquet, anything else CSV, {@code .gz} as well.
   *
   * @throws InputException if it cannot be read
   */
  public static TextTable open(Path file) {
    return new TextTable(file);
  }

  private List<String> describe() throws SQLException {
    try (ResultSet none = statement.executeQuery("SELECT * FROM %s LIMIT 0".formatted(source))) {
      ResultSetMetaData data = none.getMetaData();
      List<String> names = new ArrayList<>();
      for (int i = 1; i <= data.getColumnCount(); i++) {
        names.add(data.getColumnName(i));
      }
      return names;
    }
  }

  @Override
  public List<String> columns() {
    return columns;
  }

  @Override
  public void select(List<String> names) {
    columns = List.copyOf(names);
    String list =
        names.stream()
            .map(n -> n.isEmpty() ? "NULL" : '"' + n.replace("\"", "\"\"") + '"')
            .map(column -> "CAST(%s AS VARCHAR)".formatted(column))
            .collect(joining(", "));
    try {
      rows = statement.executeQuery("SELECT %s FROM %s".formatted(list, source));
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  @Override
  public boolean next() {
    try {
      row++;
      return rows.next();
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  @Override
  public String text(int column) {
    try {
      String text = rows.getString(column + 1);
      return text == null ? "" : text.strip();
    } catch (SQLException e) {
      throw unreadable(e);
    }
  }

  /** A line of a CSV file, whose first is the header. */
  @Override
  public String where() {
    return file + (parquet ? ", row " + row : ", line " + (row + 1));
  }

  private InputException unreadable(SQLException e) {
    return new InputException(file + ": cannot be read: " + DuckDb.reason(e), e);
  }

  @Override
  public void close() {
    try {
      connection.close(); // and what was made with it
    } catch (SQLException e) {
      throw new IllegalStateException(file + ": cannot be closed", e);
    }
  }
}
