package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.NodeProcess;
import dev.troupe.dist.testkit.SftJob;
import dev.troupe.proto.v1.Gang;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training run on real processes, with all of {@link SftJob} on, loses workers in every way there
 * is, and ends in the weights of an undisturbed run, bit for bit.
 */
class TrainingFaultsIT {

  private static final long SEED = 7; // of the moments

  private static final int STEPS = 240;
  private static final int CHECKPOINT_EVERY = 20;

  /** The promise: from a kill to the next step that is done. */
  private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(10);

  /** How a JVM ends that a SIGTERM has ended in good order. */
  private static final int SIGTERM_EXIT = 128 + 15;

  @TempDir static Path model;
  private static SftJob sft;
  private static String undisturbed;

  @TempDir Path directory;

  @BeforeAll
  static void writeModel() {
    sft = new SftJob(model);
  }

  @Test
  void tenKillsAtRandomMomentsChangeNothing() {
    Random random = new Random(SEED);
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      String expected = undisturbed(cluster);

      submit(cluster, "killed", 2);
      awaitSize(cluster, "killed", 2);
      for (int kill = 0; kill < 10; kill++) {
        // Not a wait for anything: the random moment, so that kills hit forward, backward,
        // all-reduce and checkpoint alike.
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(800)).toNanos());
        String victim = "worker-" + (1 + random.nextInt(2));
        Job before = cluster.job("killed");
        cluster.worker(victim).kill();
        Instant killed = Instant.now();
        cluster.startWorker(victim);

        Job after = awaitStepAfter(cluster, "killed", killed);
        assertThat(Duration.between(killed, timeOf(after.getProgress())))
            .as("kill %d, of %s: time to the next step", kill + 1, victim)
            .isLessThanOrEqualTo(RECOVERY_LIMIT);
        boolean heldByBoth = before.getGangs(0).getWorkersCount() == 2;
        assertThat(after.getProgress().getDone())
            .as("steps lost by kill %d", kill + 1)
            .isGreaterThanOrEqualTo(
                heldByBoth
                    ? before.getProgress().getDone()
                    : before.getGangs(0).getCheckpointStep());
        cluster.awaitWorkers(2);
      }
      assertThat(weightsOf(cluster.awaitSuccess("killed"))).isEqualTo(expected);
      assertThat(cluster.job("killed").getGangs(0).getGeneration()).isGreaterThan(10);
    }
  }

  @Test
  void withoutACheckpointAKilledWorkerCostsTheStepUnderWayAtMost() {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      String expected = undisturbed(cluster);
      submit(cluster, "killed", 2, 100 * STEPS);
      awaitSize(cluster, "killed", 2);
      Job late = cluster.awaitStep("killed", 3 * STEPS / 4);
      cluster.worker("worker-1").kill();
      Job ended = cluster.awaitSuccess("killed");

      assertThat(weightsOf(ended)).isEqualTo(expected);
      assertThat(ended.getGangs(0).getCheckpointStep())
          .as("the only checkpoint, where the second worker joined if it came later")
          .isLessThan(STEPS / 4);
      String next = "generation " + (late.getGangs(0).getGeneration() + 1) + ", 1 ranks";
      Matcher resumed =
          Pattern.compile(next + ": goes on from step (\\d+), held in memory")
              .matcher(cluster.logs("killed"));
      assertThat(resumed.find()).as("the job's log names the step").isTrue();
      assertThat(Long.parseLong(resumed.group(1)))
          .as("the step it goes on from")
          .isGreaterThanOrEqualTo(late.getProgress().getDone());
    }
  }

  @Test
  void aKillADrainAndTwoJoinsChangeNothingNorDoOneTwoOrFourWorkers() {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 1)) {
      String one = weightsOf(train(cluster, "one", 1));

      cluster.startWorker("worker-2");
      cluster.awaitWorkers(2);
      submit(cluster, "elastic", 4);
      awaitSize(cluster, "elastic", 2);
      cluster.worker("worker-2").kill();
      awaitSize(cluster, "elastic", 1);
      cluster.startWorker("worker-3");
      awaitSize(cluster, "elastic", 2);
      cluster.worker("worker-1").terminate();
      awaitSize(cluster, "elastic", 1);
      assertThat(cluster.worker("worker-1").awaitExit(Duration.ofSeconds(60)))
          .isEqualTo(SIGTERM_EXIT);
      cluster.startWorker("worker-4");
      cluster.startWorker("worker-5");
      awaitSize(cluster, "elastic", 3);
      assertThat(weightsOf(cluster.awaitSuccess("elastic")))
          .as("2 -> 1 -> 2 -> 1 -> 3 workers")
          .isEqualTo(one);

      cluster.startWorker("worker-6");
      cluster.awaitWorkers(4);
      assertThat(weightsOf(train(cluster, "four", 4))).as("4 workers").isEqualTo(one);
      assertThat(undisturbed(cluster)).as("2 workers").isEqualTo(one);
    }
  }

  @Test
  void theDriversWorkerDiesAndTheGangDoesNotStop() {
    try (LocalClusterHarness cluster =
        LocalClusterHarness.start(directory, 2, "troupe.worker.driver-slots=0")) {
      cluster.startWorker("driver-1", "troupe.worker.driver-slots=1", "troupe.worker.slots=0");
      cluster.awaitWorkers(3);
      submit(cluster, "driven", 2);
      long generation = awaitSize(cluster, "driven", 2).getGangs(0).getGeneration();
      assertThat(cluster.job("driven").getDriverAttempts(0).getWorker()).isEqualTo("driver-1");

      cluster.worker("driver-1").kill();
      cluster.startWorker("driver-2", "troupe.worker.driver-slots=1", "troupe.worker.slots=0");
      Job ended = cluster.awaitSuccess("driven");

      assertThat(ended.getDriverAttemptsList())
          .extracting(a -> a.getWorker())
          .containsExactly("driver-1", "driver-2");
      assertThat(ended.getGangs(0).getGeneration())
          .as("generation of the gang")
          .isEqualTo(generation);
    }
  }

  @Test
  void aFrozenRankIsNamedLeftBehindAndFencedOff() {
    try (LocalClusterHarness cluster =
        LocalClusterHarness.start(
            directory,
            2,
            "troupe.worker.stall-timeout=3s",
            "troupe.coordinator.worker-lost-after=30s")) {
      String expected = undisturbed(cluster);
      submit(cluster, "frozen", 2);
      Job both = awaitSize(cluster, "frozen", 2);
      String frozen = both.getGangs(0).getWorkers(1);
      cluster.awaitStep("frozen", both.getProgress().getDone() + 1); // which both have done

      cluster.worker(frozen).freeze();
      Job alone = awaitSize(cluster, "frozen", 1);
      assertThat(alone.getTimelineList())
          .as("what the user reads")
          .anySatisfy(
              event ->
                  assertThat(event.getMessage())
                      .contains("rank 1", frozen, "late")
                      .containsPattern("step \\d+"));
      cluster.awaitStep("frozen", cluster.job("frozen").getProgress().getDone() + 5);
      cluster.worker(frozen).thaw();
      cluster.worker(frozen).awaitLog("of job frozen ends: rank 1 (" + frozen + ") is late");

      assertThat(weightsOf(cluster.awaitSuccess("frozen"))).isEqualTo(expected);
      cluster.awaitWorkers(2);
    }
  }

  @Test
  void sigtermLosesNoStep() {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 3)) {
      submit(cluster, "drained", 3);
      Gang gang = awaitSize(cluster, "drained", 3).getGangs(0);
      NodeProcess leaver = cluster.worker(gang.getWorkers(0));
      long before = cluster.job("drained").getProgress().getDone();

      leaver.terminate();
      long[] least = {Long.MAX_VALUE};
      Awaitility.await("the gang to go on without " + leaver.name())
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                Job job = cluster.job("drained");
                // The driver, run again elsewhere, tells of its own phases in between.
                if (job.getProgress().getPhase().equals("train")) {
                  least[0] = Math.min(least[0], job.getProgress().getDone());
                }
                Gang now = job.getGangs(0);
                return now.getWorkersCount() == 2 && job.getProgress().getDone() > before + 10;
              });
      assertThat(least[0]).as("progress while draining").isGreaterThanOrEqualTo(before);
      assertThat(leaver.awaitExit(Duration.ofSeconds(60))).isEqualTo(SIGTERM_EXIT);
      cluster.awaitSuccess("drained");
    }
  }

  private static void submit(LocalClusterHarness cluster, String id, int workers) {
    submit(cluster, id, workers, CHECKPOINT_EVERY);
  }

  private static void submit(
      LocalClusterHarness cluster, String id, int workers, int checkpointEvery) {
    cluster.submit(id, "sft", sft.options(STEPS, workers, checkpointEvery));
  }

  private static Job train(LocalClusterHarness cluster, String id, int workers) {
    submit(cluster, id, workers);
    return cluster.awaitSuccess(id);
  }

  /** What two workers make of it if nothing happens, trained once for all tests. */
  private static String undisturbed(LocalClusterHarness cluster) {
    if (undisturbed == null) {
      undisturbed = weightsOf(train(cluster, "undisturbed", 2));
    }
    return undisturbed;
  }

  private static String weightsOf(Job job) {
    String weights = LocalClusterHarness.result(job, "weightsSha256");
    assertThat(weights).matches("[0-9a-f]{64}");
    return weights;
  }

  private static Job awaitSize(LocalClusterHarness cluster, String id, int size) {
    return cluster.await(
        id,
        "gang of " + size,
        job ->
            job.getGangsCount() == 1
                && job.getProgress().getPhase().equals("train")
                && job.getProgress().getDone() > 0
                && job.getGangs(0).getState().equals("running")
                && job.getGangs(0).getWorkersCount() == size);
  }

  private static Job awaitStepAfter(LocalClusterHarness cluster, String id, Instant moment) {
    return cluster.await(
        id,
        "a step after " + moment,
        job ->
            timeOf(job.getProgress()).isAfter(moment)
                && job.getProgress().getPhase().equals("train")
                && job.getProgress().getDone() > 0);
  }

  private static Instant timeOf(Progress progress) {
    Timestamp time = progress.getTime();
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
