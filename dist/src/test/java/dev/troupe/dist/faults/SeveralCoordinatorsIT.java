package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.NodeProcess;
import dev.troupe.dist.testkit.PostgresClusterHarness;
import dev.troupe.dist.testkit.Site;
import dev.troupe.dist.testkit.TwoHosts;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three coordinators on one journal: the one that holds the scheduler and the list of jobs is
 * killed, or cut off while it can still write to the journal. The other two are the majority, and
 * each job goes on to its right end, no task run twice.
 */
class SeveralCoordinatorsIT {

  private static final int JOBS = 3;
  private static final int TASKS = 240;

  /** Until it knows that it is the minority, has given its jobs up and left. */
  private static final Duration GIVES_UP = Duration.ofSeconds(90);

  @TempDir Path directory;

  @Test
  void theCoordinatorWithTheSchedulerIsKilled() throws IOException {
    try (PostgresClusterHarness cluster = start(Site.LOOPBACK, null)) {
      begin(cluster);

      cluster.coordinator(0).kill();

      awaitRightEnds(cluster);
    }
  }

  @Test
  void theCoordinatorWithTheSchedulerIsCutOffAndJoinsAgainWhenItCan() throws IOException {
    try (TwoHosts hosts = TwoHosts.connect();
        PostgresClusterHarness cluster =
            start(Site.closed(hosts.near(), directory.resolve("security"), hosts.far()), hosts)) {
      begin(cluster);

      hosts.cut();

      awaitRightEnds(cluster);
      assertThat(cluster.coordinator(0).awaitExit(GIVES_UP)).isEqualTo(1);
      assertThat(cluster.coordinator(0).log()).contains("cut off from most of the other");

      // Nobody answers it, and it is the first of the list: it must not form a cluster of its own.
      NodeProcess again = cluster.restartCoordinator(0);
      again.awaitLog("at work on this journal: waiting to be let in");
      hosts.mend();
      cluster.reconnect(0);
      cluster.submit(0, "after", "pi", Map.of("tasks", 4));
      Job after = cluster.await(2, "after", "its end", SeveralCoordinatorsIT::hasEnded);
      assertThat(after.getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
  }

  /** It wakes in the belief that all is its own still. */
  @Test
  @Tag("long")
  void theCoordinatorWithTheSchedulerIsFrozenUntilTheOthersHaveTakenOver() throws IOException {
    try (PostgresClusterHarness cluster = start(Site.LOOPBACK, null)) {
      begin(cluster);

      cluster.coordinator(0).freeze();
      Awaitility.await("another's scheduler to have a worker")
          .atMost(GIVES_UP)
          .until(() -> hasScheduler(cluster, 1) || hasScheduler(cluster, 2));
      cluster.coordinator(0).thaw();

      awaitRightEnds(cluster);
      assertThat(cluster.coordinator(0).awaitExit(GIVES_UP)).isEqualTo(1);
      cluster.restartCoordinator(0);
      cluster.reconnect(0);
      assertThat(cluster.listWorkers(0)).hasSize(2);
    }
  }

  private static boolean hasScheduler(PostgresClusterHarness cluster, int coordinator) {
    return cluster.coordinator(coordinator).log().contains("Worker worker-1 joined");
  }

  private void begin(PostgresClusterHarness cluster) {
    for (int i = 0; i < JOBS; i++) {
      // Jobs are spread over coordinators by their ids, and asked for at each.
      cluster.submit(
          i,
          "tally-" + i,
          "tally",
          Map.of("tasks", TASKS, "round", 40, "millis", 20, "file", tally(i)));
    }
    for (int i = 0; i < JOBS; i++) {
      cluster.await(2, "tally-" + i, "tasks run", job -> job.getTasks().getSucceeded() > 20);
    }
  }

  private void awaitRightEnds(PostgresClusterHarness cluster) throws IOException {
    for (int i = 0; i < JOBS; i++) {
      Job ended = cluster.await(1, "tally-" + i, "its end", SeveralCoordinatorsIT::hasEnded);
      assertThat(ended.getState()).as(ended.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
      assertThat(LocalClusterHarness.result(ended, "sum"))
          .contains(Integer.toString(TASKS * (TASKS - 1) / 2));
      assertThat(Files.readAllLines(tally(i)))
          .as("each task was run once")
          .containsExactlyInAnyOrderElementsOf(numbers());
      assertThat(ended.getDriverAttemptsCount()).as("the driver went on").isEqualTo(1);
    }
    assertThat(cluster.coordinator(1).isAlive()).isTrue();
    assertThat(cluster.coordinator(2).isAlive()).isTrue();
  }

  private PostgresClusterHarness start(Site site, TwoHosts hosts) {
    try {
      return PostgresClusterHarness.start(site, hosts, directory, 3, 2);
    } catch (IOException e) {
      assumeTrue(false, "needs a Postgres server that can be started here: " + e);
      throw new AssertionError(e);
    }
  }

  private Path tally(int job) {
    return directory.resolve("tally-" + job);
  }

  private static List<String> numbers() {
    return IntStream.range(0, TASKS).mapToObj(Integer::toString).toList();
  }

  private static boolean hasEnded(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED -> true;
      default -> false;
    };
  }
}
