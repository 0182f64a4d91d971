package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The coordinator dies at random moments, and then everything does; each job reaches its right end,
 * and nothing is done twice.
 */
class ControlPlaneFaultsIT {

  private static final int TASKS = 600;
  private static final int ROUND = 40;

  @TempDir Path directory;

  @Test
  void theCoordinatorIsKilledFiveTimesAndNoTaskIsRunTwice() throws IOException {
    Random random = new Random(5);
    Path tally = directory.resolve("tally");
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      submitTally(cluster, "tally", tally);
      submitTally(cluster, "to-cancel", directory.resolve("other"));
      for (int kill = 0; kill < 5; kill++) {
        cluster.awaitTasks("tally", (long) kill * ROUND * 2 + 1);
        // The random moment: in a dispatch, a journal write, an answer to the driver.
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(500)).toNanos());
        cluster.coordinator().kill();
        cluster.startCoordinator();
        if (kill == 1) {
          cluster.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId("to-cancel").build());
        }
      }
      Job ended = cluster.awaitSuccess("tally");

      assertThat(LocalClusterHarness.result(ended, "sum")).contains(sumAsText());
      assertThat(Files.readAllLines(tally))
          .as("each task was run once")
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, TASKS).mapToObj(Integer::toString).toList());
      assertThat(ended.getDriverAttemptsCount())
          .as("the driver outlived the coordinator")
          .isEqualTo(1);
      cluster.await("to-cancel", "its end", job -> job.getState() == JobState.JOB_STATE_CANCELLED);
    }
  }

  @Test
  void everythingIsKilledAndTheJobGoesOnBehindWhatWasDone() throws IOException {
    Path tally = directory.resolve("tally");
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      submitTally(cluster, "tally", tally);
      cluster.awaitTasks("tally", 4 * ROUND);
      cluster.coordinator().kill();
      cluster.worker("worker-1").kill();
      cluster.worker("worker-2").kill();

      cluster.startCoordinator();
      cluster.startWorker("worker-1");
      cluster.startWorker("worker-2");
      Job ended = cluster.awaitSuccess("tally");

      assertThat(LocalClusterHarness.result(ended, "sum")).contains(sumAsText());
      // What was done but not journaled when both its worker and the coordinator died has to be run
      // again: one round at most.
      assertThat(Files.readAllLines(tally).size()).isBetween(TASKS, TASKS + ROUND);
      assertThat(Files.readAllLines(tally).stream().distinct()).hasSize(TASKS);
      assertThat(ended.getDriverAttemptsCount()).isEqualTo(2);
    }
  }

  @Test
  void aWorkerIsKilledAndOnlyItsOwnTasksAreRunAgain() throws IOException {
    Path tally = directory.resolve("tally");
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      submitTally(cluster, "tally", tally);
      cluster.awaitTasks("tally", 2 * ROUND);
      String driver = cluster.job("tally").getDriverAttempts(0).getWorker();
      String victim = driver.equals("worker-1") ? "worker-2" : "worker-1";
      cluster.worker(victim).kill();
      cluster.startWorker(victim);
      Job ended = cluster.awaitSuccess("tally");

      assertThat(LocalClusterHarness.result(ended, "sum")).contains(sumAsText());
      assertThat(Files.readAllLines(tally).size()).isBetween(TASKS, TASKS + ROUND);
      assertThat(ended.getDriverAttemptsCount()).isEqualTo(1);
    }
  }

  private static String sumAsText() {
    return Integer.toString(TASKS * (TASKS - 1) / 2);
  }

  private static void submitTally(LocalClusterHarness cluster, String id, Path file) {
    cluster.submit(id, "tally", Map.of("tasks", TASKS, "round", ROUND, "millis", 10, "file", file));
  }
}
