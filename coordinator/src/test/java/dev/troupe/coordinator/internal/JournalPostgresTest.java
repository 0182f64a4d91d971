package dev.troupe.coordinator.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
      Set<String> ids = new HashSet<>();
      for (Future<Journal> journal : opened) {
        ids.add(journal.get().id()); // throws if its start failed
        journal.get().close();
      }
      assertThat(ids).as("one journal").hasSize(1);
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

  @Test
  void allEventsAreReadHoweverMany() throws Exception {
    try (EmbeddedPostgres postgres = server();
        Journal journal =
            Journal.postgres(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "");
        Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement insert = connection.createStatement()) {
      insert.execute(
          "INSERT INTO event_journal (persistence_id, sequence_number, writer, event_ser_id,"
              + " event_ser_manifest, event_payload) SELECT 'job|' || (n / 230), n, 'w', 1, 'je',"
              + " convert_to(n::text, 'UTF8') FROM generate_series(1, 450) AS n");

      List<String> read = new ArrayList<>();
      journal.forEachEvent((id, payload) -> read.add(id + " " + new String(payload, UTF_8)));

      assertThat(read).hasSize(450).startsWith("job|0 1", "job|0 2").endsWith("job|1 450");
      assertThat(read).doesNotHaveDuplicates();
      journal.forEachSnapshot((id, payload) -> read.clear());
      assertThat(read).as("no snapshots").hasSize(450);
    }
  }
}
