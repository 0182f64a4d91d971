package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.cluster.HostPort;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class RosterTest {

  private static final int COORDINATORS = 8;

  private EmbeddedPostgres postgres;
  private Journal journal;
  private final List<Roster> rosters = new ArrayList<>();

  @BeforeEach
  void start() {
    try {
      postgres = EmbeddedPostgres.builder().start();
    } catch (IOException | RuntimeException e) {
      assumeTrue(false, "needs a Postgres server that can be started here: " + e);
    }
    journal = Journal.postgres(postgres.getJdbcUrl("postgres", "postgres"), "postgres", "");
  }

  @AfterEach
  void stop() throws IOException {
    rosters.forEach(Roster::close);
    if (postgres != null) {
      postgres.close();
    }
  }

  private Roster roster(int port) {
    Roster roster = journal.roster(new HostPort("10.0.0.5", port)).orElseThrow();
    rosters.add(roster);
    return roster;
  }

  @Test
  void ofManyThatClaimAtOnceOneMayForm() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(COORDINATORS);
    try {
      CyclicBarrier together = new CyclicBarrier(COORDINATORS);
      List<Future<List<String>>> claims = new ArrayList<>();
      for (int i = 0; i < COORDINATORS; i++) {
        Roster roster = roster(7071 + i);
        claims.add(
            threads.submit(
                () -> {
                  together.await();
                  return roster.claim();
                }));
      }
      List<List<String>> others = new ArrayList<>();
      for (Future<List<String>> claim : claims) {
        others.add(claim.get());
      }
      assertThat(others).filteredOn(List::isEmpty).hasSize(1);
      assertThat(others)
          .filteredOn(found -> !found.isEmpty())
          .as("all others are told the same one")
          .allMatch(found -> found.size() == 1)
          .containsOnly(others.stream().filter(found -> !found.isEmpty()).findFirst().get());
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whoEndsOrIsNotHeardOfIsAtWorkNoMore() throws Exception {
    Roster first = roster(7071);
    Roster second = roster(7072);
    assertThat(first.claim()).isEmpty();
    assertThat(second.claim()).containsExactly("10.0.0.5:7071");
    first.close();
    assertThat(second.claim()).as("after its end").isEmpty();

    second.close();
    update("INSERT INTO coordinators VALUES ('10.0.0.9:7071', clock_timestamp())");
    Roster third = roster(7073);
    assertThat(third.claim()).containsExactly("10.0.0.9:7071");
    update("UPDATE coordinators SET seen = seen - interval '16 seconds'");
    assertThat(third.claim()).as("after it fell silent").isEmpty();
    third.close();

    update("INSERT INTO coordinators VALUES ('10.0.0.5:7074', clock_timestamp())");
    assertThat(roster(7074).claim()).as("its own row, of before it was killed").isEmpty();
  }

  private void update(String sql) throws SQLException {
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }
}
