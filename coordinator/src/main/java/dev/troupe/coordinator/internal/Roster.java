package dev.troupe.coordinator.internal;

import dev.troupe.cluster.HostPort;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which coordinators are at work on a journal: each renews a row in its database, and a row that is
 * older than {@link #FRESH}, by the database's clock, tells of one that is gone.
 *
 * <p>It guards against two clusters on one journal. A coordinator that was cut off from the others
 * ends; when it is started again while it is still cut off, it is the first of {@code
 * troupe.coordinators} perhaps, finds none of the others, and would form a cluster of its own: two
 * schedulers, and two writers for each job. The same with two coordinators that do not name each
 * other. So a cluster is formed by {@link #claim} alone.
 *
 * <p>An H2 journal has no roster: its file is locked.
 */
final class Roster implements AutoCloseable {

  /** How old a row may be; a new cluster forms so long after the last coordinator of the old. */
  static final Duration FRESH = Duration.ofSeconds(15);

  static final Duration RENEW_EVERY = Duration.ofSeconds(3);

  /** A server that is silent for longer is not waited for; the next renewal connects anew. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private static final Duration FORGET = Duration.ofDays(1);

  /** Names, among Postgres' advisory locks, the claim: one at a time. */
  private static final long CLAIM_LOCK = 76_002;

  private static final Logger LOG = LoggerFactory.getLogger(Roster.class);

  /** Opens connections to the journal's database. */
  @FunctionalInterface
  interface Database {
    Connection connect() throws SQLException;
  }

  private final Database database;
  private final String self;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "roster");
            thread.setDaemon(true);
            return thread;
          });
  private boolean entered;
  private boolean failing;

  Roster(Database database, HostPort self) {
    this.database = database;
    this.self = self.toString();
  }

  /**
   * Asks for the right to form a cluster; whoever has it counts as at work from then on.
   *
   * @return the others that are at work, so that it is not given; empty: it is
   */
  List<String> claim() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("SELECT pg_advisory_xact_lock(" + CLAIM_LOCK + ")");
      statement.execute(
          "DELETE FROM coordinators WHERE seen < clock_timestamp() - make_interval(secs => %d)"
              .formatted(FORGET.toSeconds()));
      List<String> others = others(connection);
      if (others.isEmpty()) {
        renew(connection);
      }
      connection.commit();
      if (others.isEmpty()) {
        enter();
      }
      return others;
    }
  }

  private Connection connect() throws SQLException {
    Connection connection = database.connect();
    connection.setNetworkTimeout(Runnable::run, (int) SILENCE.toMillis());
    return connection;
  }

  private List<String> others(Connection connection) throws SQLException {
    List<String> others = new ArrayList<>();
    String sql =
        "SELECT address FROM coordinators WHERE address <> ?"
            + " AND seen > clock_timestamp() - make_interval(secs => ?) ORDER BY address";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, self);
      statement.setDouble(2, (double) FRESH.toSeconds());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          others.add(rows.getString(1));
        }
      }
    }
    return others;
  }

  /** It is at work, as a member of a cluster: renews its row until it is closed. */
  synchronized void enter() {
    if (entered) {
      return;
    }
    entered = true;
    var unused =
        timer.scheduleWithFixedDelay(this::renew, 0, RENEW_EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void renew() {
    try (Connection connection = connect()) {
      renew(connection);
      failing = false;
    } catch (SQLException e) {
      if (!failing) {
        LOG.warn(
            "This coordinator's row in the journal's database was not renewed: {}", e.toString());
      }
      failing = true;
    }
  }

  private void renew(Connection connection) throws SQLException {
    String sql =
        "INSERT INTO coordinators (address, seen) VALUES (?, clock_timestamp())"
            + " ON CONFLICT (address) DO UPDATE SET seen = EXCLUDED.seen";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, self);
      statement.executeUpdate();
    }
  }

  /** It ends in good order: nobody has to wait for its row to get old. */
  @Override
  public void close() {
    timer.shutdownNow();
    try {
      timer.awaitTermination(SILENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    try (Connection connection = connect();
        PreparedStatement statement =
            connection.prepareStatement("DELETE FROM coordinators WHERE address = ?")) {
      statement.setString(1, self);
      statement.executeUpdate();
    } catch (SQLException e) {
      LOG.warn("This coordinator's row stays in the journal's database: {}", e.toString());
    }
  }
}
