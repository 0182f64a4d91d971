package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.PostgresClusterHarness;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three coordinators on one journal: the one that holds the scheduler and the list of jobs is
 * killed, the other two are the majority, and each job goes on to its right end.
 */
class SeveralCoordinatorsIT {

  private static final int JOBS = 3;
  private static final int TASKS = 240;

  @TempDir Path directory;

  @Test
  void theCoordinatorWithTheSchedulerIsKilledAndNoTaskIsRunTwice() throws IOException {
    try (PostgresClusterHarness cluster = start()) {
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

      cluster.coordinator(0).kill();

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
  }

  private PostgresClusterHarness start() {
    try {
      return PostgresClusterHarness.start(directory, 3, 2);
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
