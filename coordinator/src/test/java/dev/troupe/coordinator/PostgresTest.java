package dev.troupe.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.cluster.NodeException;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The journal on a real Postgres server, run from binaries that Maven fetches. */
@Timeout(180)
class PostgresTest {

  @TempDir Path dir;
  private EmbeddedPostgres postgres;

  @BeforeEach
  void startServer() {
    try {
      postgres = EmbeddedPostgres.builder().start();
    } catch (IOException | RuntimeException e) {
      assumeTrue(false, "needs a Postgres server that can be started here: " + e);
    }
  }

  @AfterEach
  void stopServer() throws IOException {
    if (postgres != null) {
      postgres.close();
    }
  }

  @Test
  void aJobOutlivesItsCoordinatorOnPostgres() throws Exception {
    try (TestCluster cluster = new TestCluster(dir, journal())) {
      FakeWorker worker = cluster.worker("worker-1", 1);
      cluster.submit("job");
      FromCoordinator.StartDriver driver = worker.take(FromCoordinator.StartDriver.class);
      worker.say(
          "job",
          new ToJob.SubmitTasks(
              1, List.of(new ToJob.TaskSpec("a", "demo.Task", Payload.inline("1"), "hash"))));
      worker.take(FromCoordinator.Outcomes.class);

      cluster.stopCoordinator();
      cluster.start();

      worker.take(FromCoordinator.StartDriver.class);
      worker.say(
          "job",
          new ToJob.SubmitTasks(
              1, List.of(new ToJob.TaskSpec("a", "demo.Task", Payload.inline("1"), "hash"))));
      assertThat(worker.take(FromCoordinator.Outcomes.class).outcomes())
          .extracting(o -> o.key())
          .containsExactly("a");
      assertThat(worker.ran()).containsExactly("a");
      worker.say(
          "job", new ToJob.DriverEnded(driver.lease().leaseId(), 1, Payload.inline("{}"), null));
      Job done = cluster.awaitState("job", JobState.JOB_STATE_SUCCEEDED);
      assertThat(done.getTasks().getSucceeded()).isEqualTo(1);
    }
  }

  @Test
  void aSecondClusterOnOneJournalIsRefused() {
    try (TestCluster cluster = new TestCluster(dir.resolve("one"), journal())) {
      String first = "127.0.0.1:" + cluster.coordinator().controlPort();
      assertThatThrownBy(() -> new TestCluster(dir.resolve("two"), journal()))
          .isInstanceOf(NodeException.class)
          .hasMessageStartingWith("[" + first + "] at work on this journal, and did not let this")
          .hasMessageContaining("Another cluster needs a journal of its own");

      cluster.stopCoordinator();
      try (TestCluster other = new TestCluster(dir.resolve("two"), journal())) {
        assertThat(other.coordinator().grpcPort()).as("once the first has ended").isPositive();
      }
    }
  }

  private String journal() {
    return "troupe.coordinator.journal { kind = postgres, postgres { user = postgres, url = \""
        + postgres.getJdbcUrl("postgres", "postgres")
        + "\" } }";
  }
}
