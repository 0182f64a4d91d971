package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class JournalPostgresTest {

  private static final int COORDINATORS = 8;

  private static EmbeddedPostgres server() {
    try {
      return EmbeddedPostgres.builder().start();
    } catch (IOException | RuntimeException e) {
      assumeTrue(false, "needs a Postgres server that can be started here: " + e);
      throw new AssertionError(e);
    }
  }

  @Test
  void coordinatorsThatStartAtOnceMakeTheTablesOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(COORDINATORS);
    try (EmbeddedPostgres postgres = server()) {
      CyclicBarrier together = new CyclicBarrier(COORDINATORS);
      String url = postgres.getJdbcUrl("postgres", "postgres");
      Callable<Journal> open =
          () -> {
            together.await();
            return Journal.postgres(url, "postgres", "");
          };
      List<Future<Journal>> opened = new ArrayList<>();
      for (int i = 0; i < COORDINATORS; i++) {
        opened.add(threads.submit(open));
      }
      for (Future<Journal> journal : opened) {
        journal.get().close(); // throws if its start failed
      }
      try (Connection connection = postgres.getPostgresDatabase().getConnection();
          Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery("SELECT count(*) FROM event_journal")) {
        assertThat(rows.next()).isTrue();
        assertThat(rows.getInt(1)).isZero();
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
