package dev.troupe.sft.internal;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Properties;

/**
 * A CSV or Parquet file, read through DuckDB in the file's order, with bounded memory and one
 * thread. Each record becomes a JSON object of its columns: the fields of a CSV file are text, an
 * empty one the empty text; lists and structs of a Parquet file become arrays and objects.
 */
final class Table implements RecordFile {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** Nothing is fetched at run time, and one file has no need of more than this. */
  private static final String SETTINGS =
      """
      SET threads = 1;
      SET memory_limit = '1GB';
      SET autoinstall_known_extensions = false;
      SET autoload_known_extensions = false;
      """;

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
    Properties streaming = new Properties();
    streaming.setProperty("jdbc_stream_results", "true");
    try {
      connection = DriverManager.getConnection("jdbc:duckdb:", streaming);
      NativeLibrary.unlink("libduckdb_java");
    } catch (SQLException e) {
      throw error(file.toString(), e);
    }
    try {
      Statement statement = connection.createStatement();
      statement.execute(SETTINGS);
      String sql = "SELECT to_json(record) FROM %s record".formatted(source.sql(statement));
      records = statement.executeQuery(sql);
    } catch (SQLException e) {
      close();
      throw error(file.toString(), e);
    }
  }

  static Table parquet(Path file) {
    return new Table(file, statement -> "read_parquet(%s)".formatted(pathOf(file)));
  }

  /**
   * Text as RFC 4180 has it, with a header line of names; fields are separated by commas, by tabs
   * in a {@code .tsv}. DuckDB could guess all this, but a text full of commas misleads it.
   */
  static Table csv(Path file) {
    boolean tabs = file.getFileName().toString().matches("(?i).*\\.tsv(\\.gz)?");
    String separator = tabs ? "\t" : ",";
    return new Table(
        file,
        statement ->
            """
            read_csv(%s, auto_detect = false, header = true, columns = {%s}, delim = '%s',
                     quote = '"', escape = '"', nullstr = '\\N')
            """
                .formatted(pathOf(file), columns(statement, file, separator), separator));
  }

  /** The columns that the first line names, as DuckDB's struct of types. */
  private static String columns(Statement statement, Path file, String separator)
      throws SQLException {
    String sql =
        """
        SELECT line FROM read_csv(%s, auto_detect = false, header = false, delim = '\\0', quote = '',
                                  columns = {'line': 'VARCHAR'}) LIMIT 1
        """
            .formatted(pathOf(file));
    try (ResultSet first = statement.executeQuery(sql)) {
      String names = first.next() ? first.getString(1) : "";
      if (names.isBlank()) {
        throw new SQLException("no header line (expected: the names of the columns)");
      }
      return Arrays.stream(names.split(separator))
          .map(name -> quoted(name.strip().replaceAll("^\"|\"$", "")) + ": 'VARCHAR'")
          .collect(joining(", "));
    }
  }

  /** The path in SQL, such that it stands for this file alone, whatever its name looks like. */
  private static String pathOf(Path file) {
    return quoted(file.toAbsolutePath().toString().replaceAll("[*?\\[]", "[$0]"));
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
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

  /** DuckDB's message names the line, and goes on with advice on its own options. */
  private static IllegalArgumentException error(String where, SQLException e) {
    String message = String.valueOf(e.getMessage());
    String reason = message.replaceFirst("(?s)(\n\n|\n *Possible ).*", "").replace('\n', ' ');
    return new IllegalArgumentException(where + ": cannot be read: " + reason, e);
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
