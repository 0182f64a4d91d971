package dev.troupe.coordinator.internal;

import com.google.protobuf.InvalidProtocolBufferException;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.HostPort;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The database that jobs are journaled in: an H2 file of this coordinator alone, or a Postgres
 * server that coordinators share. Opening it checks that it can be used, and makes its tables.
 *
 * <p>H2 keeps commits in memory for up to half a second by default, which a {@code kill -9} would
 * lose; {@code WRITE_DELAY=0} hands each to the operating system before it is acknowledged.
 */
final class Journal implements AutoCloseable {

  /** The journal cannot be used; the message says why and what to do. */
  static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unusable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static final String H2_SUFFIX = ".mv.db";
  private static final String LOCK_SUFFIX = ".lock";
  private static final String MARK_SUFFIX = ".mark";

  /** Names, among Postgres' advisory locks, the making of the tables. */
  private static final long TABLES_LOCK = 76_001;

  /** Rows that are read at a time; a snapshot may be large. */
  private static final int EVENTS_PAGE = 100;

  private static final int SNAPSHOTS_PAGE = 4;

  /** Database connections, each with a thread. */
  private static final int CONNECTIONS = 4;

  private final String url;
  private final String user;
  private final String password;
  private final boolean h2;
  private final FileChannel lockFile;
  private final CompletableFuture<Unusable> broken = new CompletableFuture<>();
  private JournalMark mark;
  private String id;

  private Journal(String url, String user, String password, boolean h2, FileChannel lockFile) {
    this.url = url;
    this.user = user;
    this.password = password;
    this.h2 = h2;
    this.lockFile = lockFile;
  }

  /**
   * Opens an H2 file, made if there is none.
   *
   * @param file without H2's suffix
   * @throws Unusable if another process has it, or it is damaged or has lost events; nothing of it
   *     is changed then
   */
  static Journal h2(Path file) {
    Path absolute = file.toAbsolutePath().normalize();
    Path data = Path.of(absolute + H2_SUFFIX);
    FileChannel lock = lock(absolute);
    try {
      if (Files.exists(data) && Files.size(data) == 0) {
        throw new Unusable(
            "journal "
                + data
                + " is empty (expected: an H2 database); put its backup there, or remove it to"
                + " begin anew",
            null);
      }
      String url =
          "jdbc:h2:file:" + absolute + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;DB_CLOSE_DELAY=-1";
      Journal journal = new Journal(url, "troupe", "", true, lock);
      journal.createTables("journal-h2.sql", data.toString());
      journal.id = journal.readId();
      journal.startMark(Path.of(absolute + MARK_SUFFIX), data.toString());
      return journal;
    } catch (IOException e) {
      closeQuietly(lock);
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      closeQuietly(lock);
      throw e;
    }
  }

  /**
   * Opens a database on a Postgres server, which must exist; its tables are made if missing.
   *
   * @throws Unusable if it cannot be reached or refuses
   */
  static Journal postgres(String url, String user, String password) {
    Journal journal = new Journal(url, user, password, false, null);
    journal.createTables("journal-postgres.sql", url);
    journal.id = journal.readId();
    return journal;
  }

  /** H2 locks the file too, but does not say who has it. */
  private static FileChannel lock(Path file) {
    Path path = Path.of(file + LOCK_SUFFIX);
    FileChannel channel = null;
    try {
      Files.createDirectories(file.getParent());
      channel =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String pid = Files.readString(path).strip();
        channel.close();
        throw new Unusable(
            "journal "
                + file
                + H2_SUFFIX
                + " is locked by another coordinator (pid "
                + pid
                + "); stop that one, or set another troupe.coordinator.journal.h2.file",
            null);
      }
      channel.truncate(0);
      channel.write(StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
      return channel;
    } catch (IOException e) {
      closeQuietly(channel);
      throw new Unusable("journal " + file + H2_SUFFIX + " cannot be written: " + e, e);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // this process has it
    }
  }

  private void createTables(String resource, String name) {
    try (InputStream in = Journal.class.getResourceAsStream("/" + resource);
        Connection connection = connect();
        Statement statement = connection.createStatement()) {
      String script = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      if (!h2) {
        // Of several coordinators that start at once, one makes the tables; IF NOT EXISTS alone
        // races.
        connection.setAutoCommit(false);
        statement.execute("SELECT pg_advisory_xact_lock(" + TABLES_LOCK + ")");
      }
      for (String sql : script.split(";\\s*\n", -1)) {
        if (!sql.isBlank()) {
          statement.execute(sql);
        }
      }
      String insert =
          "INSERT INTO ~journal_id~ SELECT '%s' WHERE NOT EXISTS (SELECT 1 FROM ~journal_id~)"
              .formatted(UUID.randomUUID());
      statement.execute(insert.replace("~", h2 ? "\"" : ""));
      if (!h2) {
        connection.commit();
      }
    } catch (SQLException e) {
      String what = e.getMessage().lines().findFirst().orElse("unknown");
      throw new Unusable(
          h2
              ? "journal "
                  + name
                  + " cannot be opened: "
                  + what
                  + "; nothing in it was changed. Put its backup there, or move it away to begin"
                  + " anew"
              : "journal " + name + " cannot be used: " + what,
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void startMark(Path file, String name) {
    JournalMark.Source source =
        new JournalMark.Source() {
          @Override
          public long newest() throws SQLException {
            try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet newest =
                    statement.executeQuery(
                        "SELECT COALESCE(MAX(\"ordering\"), 0) FROM \"event_journal\"")) {
              newest.next();
              return newest.getLong(1);
            }
          }

          @Override
          public void sync() throws SQLException {
            try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
              statement.execute("CHECKPOINT SYNC");
            }
          }
        };
    try {
      mark = JournalMark.start(file, name, source, e -> broken.complete(broken(name, e)));
    } catch (Unusable e) {
      shutDown();
      throw e;
    }
  }

  /**
   * Completes if it can no longer be used in this process, which ends by that: what was
   * acknowledged is in it, and the next process finds it there.
   */
  CompletionStage<Unusable> whenBroken() {
    return broken.minimalCompletionStage();
  }

  private static Unusable broken(String name, Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    long free = Path.of(name).toFile().getUsableSpace();
    return new Unusable(
        "journal %s can no longer be written: %s (%.1f MiB are free there). Nothing that was acknowledged is lost, and workers go on. Make room if the disk is full, and start this coordinator again"
            .formatted(
                name,
                String.valueOf(root.getMessage()).lines().findFirst().orElse(""),
                free / 1048576.0),
        e);
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(url, user, password);
  }

  /** Who else is at work on it; nobody can be on an H2 file. */
  Optional<Roster> roster(HostPort self) {
    return h2 ? Optional.empty() : Optional.of(new Roster(this::connect, self));
  }

  /** What Pekko's persistence plugin needs to use it. */
  Config config() {
    Map<String, Object> values = new HashMap<>();
    String db = "pekko-persistence-jdbc.shared-databases.slick.";
    values.put(db + "profile", h2 ? "slick.jdbc.H2Profile$" : "slick.jdbc.PostgresProfile$");
    values.put(db + "db.url", url);
    values.put(db + "db.user", user);
    values.put(db + "db.password", password);
    values.put(db + "db.driver", h2 ? "org.h2.Driver" : "org.postgresql.Driver");
    values.put(db + "db.numThreads", CONNECTIONS);
    values.put(db + "db.maxConnections", CONNECTIONS);
    values.put(db + "db.minConnections", 1);
    values.put(db + "db.connectionTimeout", 5000);
    for (String plugin : new String[] {"jdbc-journal", "jdbc-snapshot-store"}) {
      values.put(plugin + ".use-shared-db", "slick");
    }
    if (h2) {
      values.put("jdbc-journal.tables.event_journal.schemaName", "PUBLIC");
      values.put("jdbc-journal.tables.event_tag.schemaName", "PUBLIC");
      values.put("jdbc-snapshot-store.tables.snapshot.schemaName", "PUBLIC");
    }
    return ConfigFactory.parseMap(values, "journal");
  }

  /** Takes what is kept under a persistence id: an event, or a snapshot. */
  @FunctionalInterface
  interface RowReader {
    void read(String persistenceId, byte[] payload) throws InvalidProtocolBufferException;
  }

  /** Every event, by persistence id, the oldest first. */
  void forEachEvent(RowReader reader) throws SQLException, InvalidProtocolBufferException {
    forEachRow("event_journal", "event_payload", EVENTS_PAGE, reader);
  }

  /** Every snapshot. */
  void forEachSnapshot(RowReader reader) throws SQLException, InvalidProtocolBufferException {
    forEachRow("snapshot", "snapshot_payload", SNAPSHOTS_PAGE, reader);
  }

  private void forEachRow(String table, String payload, int page, RowReader reader)
      throws SQLException, InvalidProtocolBufferException {
    String quote = h2 ? "\"" : "";
    String sql =
        "SELECT ~persistence_id~, ~sequence_number~, ~%s~ FROM ~%s~ WHERE ~persistence_id~ > ? OR (~persistence_id~ = ? AND ~sequence_number~ > ?) ORDER BY ~persistence_id~, ~sequence_number~ LIMIT %d"
            .formatted(payload, table, page)
            .replace("~", quote);
    String lastId = "";
    long lastNumber = 0;
    try (Connection connection = connect();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      int count = page;
      while (count == page) {
        statement.setString(1, lastId);
        statement.setString(2, lastId);
        statement.setLong(3, lastNumber);
        count = 0;
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            lastId = rows.getString(1);
            lastNumber = rows.getLong(2);
            reader.read(lastId, rows.getBytes(3));
            count++;
          }
        }
      }
    }
  }

  /** Tells this journal from all others; made with its tables. */
  String id() {
    return id;
  }

  private String readId() {
    String quote = h2 ? "\"" : "";
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT MIN(~id~) FROM ~journal_id~".replace("~", quote))) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new Unusable("journal " + url + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Forgets everything under a persistence id. */
  void delete(String persistenceId) throws SQLException {
    String quote = h2 ? "\"" : "";
    try (Connection connection = connect()) {
      for (String table : new String[] {"event_journal", "snapshot"}) {
        String sql =
            "DELETE FROM "
                + quote
                + table
                + quote
                + " WHERE "
                + quote
                + "persistence_id"
                + quote
                + " = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
          statement.setString(1, persistenceId);
          statement.executeUpdate();
        }
      }
    }
  }

  /** To be called when nothing uses it any more. */
  @Override
  public void close() {
    if (h2) {
      mark.close();
      shutDown();
    }
    closeQuietly(lockFile);
  }

  private void shutDown() {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN");
    } catch (SQLException e) {
      // Every commit is in the file already; the next start replays what SHUTDOWN would fold.
      org.slf4j.LoggerFactory.getLogger(Journal.class)
          .warn("The journal was not closed in order: {}", e.toString());
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
