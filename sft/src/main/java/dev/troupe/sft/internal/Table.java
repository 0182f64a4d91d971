package dev.troupe.sft.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.core.duckdb.DuckDb;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * A CSV or Parquet file, read through DuckDB in the file's order, with bounded memory and one
 * thread. Each record becomes a JSON object of its columns: the fields of a CSV file are text, an
 * empty one the empty text; lists and structs of a Parquet file become arrays and objects.
 */
final class Table implements RecordFile {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** What DuckDB makes of a table's place in SQL. */
  @FunctionalInterface
  private interface Source {
    String sql(Statement statement) throws SQLException;
  }

  private final Path file;
  private final Connection connection;
  private final ResultSet records;
  private long row;

  private Table(Path file, Source source) {
    this.file = file;
    try {
      connection = DuckDb.open();
    } catch (SQLException e) {
      throw error(file.toString(), e);
    }
    try {
      Statement statement = connection.createStatement();
      String sql = "SELECT to_json(record) FROM %s record".formatted(source.sql(statement));
      records = statement.executeQuery(sql);
    } catch (SQLException e) {
      close();
      throw error(file.toString(), e);
    }
  }

  static Table parquet(Path file) {
    return new Table(file, statement -> DuckDb.parquet(file));
  }

  static Table csv(Path file) {
    return new Table(file, statement -> DuckDb.csv(statement, file));
  }

  @Override
  public JsonNode next() {
    try {
      if (!records.next()) {
        return null;
      }
      row++;
      return MAPPER.readTree(records.getString(1));
    } catch (SQLException e) {
      throw error(file.toString(), e);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(where() + ": DuckDB's JSON does not parse", e);
    }
  }

  @Override
  public String where() {
    return file + ", row " + row;
  }

  private static IllegalArgumentException error(String where, SQLException e) {
    return new IllegalArgumentException(where + ": cannot be read: " + DuckDb.reason(e), e);
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
