package dev.troupe.core.duckdb;

import static java.util.stream.Collectors.joining;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Opens databases in memory with bounded memory and one thread, and writes files as SQL has them.
 * Files are read in their order, with DuckDB's guesses switched off.
 */
public final class DuckDb {

  /** Nothing is fetched at run time, and one file has no need of more than this. */
  private static final String SETTINGS =
      """
      SET threads = 1;
      SET memory_limit = '1GB';
      SET autoinstall_known_extensions = false;
      SET autoload_known_extensions = false;
      """;

  private DuckDb() {}

  /** A new, empty database, whose results are streamed; it leaves no file behind. */
  public static Connection open() throws SQLException {
    Properties streaming = new Properties();
    streaming.setProperty("jdbc_stream_results", "true");
    Connection connection = DriverManager.getConnection("jdbc:duckdb:", streaming);
    try (Statement statement = connection.createStatement()) {
      NativeLibrary.unlink("libduckdb_java");
      statement.execute(SETTINGS);
      return connection;
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** The records of a Parquet file, as what follows {@code FROM}. */
  public static String parquet(Path file) {
    return "read_parquet(%s)".formatted(pathOf(file));
  }

  /**
   * The records of a text file as RFC 4180 has it, with a header line of names, as what follows
   * {@code FROM}: all columns are text. Fields are separated by commas, by tabs in a {@code .tsv}.
   * DuckDB could guess all this, but a text full of commas misleads it.
   */
  public static String csv(Statement statement, Path file) throws SQLException {
    String columns =
        header(statement, file).stream()
            .map(name -> quoted(name) + ": 'VARCHAR'")
            .collect(joining(", "));
    return """
        read_csv(%s, auto_detect = false, header = true, columns = {%s}, delim = '%s',
                 quote = '"', escape = '"', nullstr = '\\N')
        """
        .formatted(pathOf(file), columns, separator(file));
  }

  /**
   * Writes a text file with a header line as a Parquet file; an empty field becomes no value.
   *
   * @param columns of the text file, in its order, each with its type in SQL
   */
  public static void writeParquet(Path csv, Map<String, String> columns, Path parquet)
      throws SQLException {
    String types =
        columns.entrySet().stream()
            .map(column -> quoted(column.getKey()) + ": " + quoted(column.getValue()))
            .collect(joining(", "));
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          COPY (SELECT * FROM read_csv(%s, auto_detect = false, header = true, columns = {%s},
                                       delim = ',', quote = '"', escape = '"'))
          TO %s (FORMAT parquet)
          """
              .formatted(pathOf(csv), types, quoted(parquet.toAbsolutePath().toString())));
    }
  }

  /** The columns that a text file's first line names. */
  private static List<String> header(Statement statement, Path file) throws SQLException {
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
      return Arrays.stream(names.split(separator(file)))
          .map(name -> name.strip().replaceAll("^\"|\"$", ""))
          .toList();
    }
  }

  private static String separator(Path file) {
    boolean tabs = file.getFileName().toString().matches("(?i).*\\.tsv(\\.gz)?");
    return tabs ? "\t" : ",";
  }

  /** The path in SQL, such that it stands for this file alone, whatever its name looks like. */
  private static String pathOf(Path file) {
    return quoted(file.toAbsolutePath().toString().replaceAll("[*?\\[]", "[$0]"));
  }

  /** The text as SQL's literal. */
  public static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  /** What went wrong: DuckDB's message names the line, and goes on with advice on its options. */
  public static String reason(SQLException e) {
    String message = String.valueOf(e.getMessage());
    return message.replaceFirst("(?s)(\n\n|\n *Possible ).*", "").replace('\n', ' ');
  }
}
