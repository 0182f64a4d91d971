package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.SftJob;
import dev.troupe.dist.testkit.StoredCheckpoints;
import dev.troupe.proto.v1.Job;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What befalls a training gang from outside of it: its coordinator dies or stays away, all
 * processes die at once, its checkpoints are spoiled. It ends in the weights of an undisturbed run,
 * bit for bit.
 */
class GangFaultsIT {

  private static final long SEED = 11; // of the moments
  private static final int STEPS = 200;
  private static final int CHECKPOINT_EVERY = 20;

  @TempDir static Path model;
  private static SftJob sft;
  private static String undisturbed;

  @TempDir Path directory;

  @BeforeAll
  static void writeModel() {
    sft = new SftJob(model);
  }

  @Test
  void theCoordinatorIsKilledTwiceAndTheGangDoesNotStop() {
    Random random = new Random(SEED);
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      String expected = undisturbed(cluster);

      submit(cluster, "orphaned");
      // With fewer ranks it would form anew as soon as there is a slot for one more.
      long generation =
          cluster
              .await("orphaned", "both ranks", GangFaultsIT::trainsOnBoth)
              .getGangs(0)
              .getGeneration();
      for (int kill = 0; kill < 2; kill++) {
        // The random moment: in a checkpoint's record, a progress report, a heartbeat.
        LockSupport.parkNanos(Duration.ofMillis(random.nextInt(500)).toNanos());
        cluster.coordinator().kill();
        cluster.startCoordinator();
        cluster.awaitWorkers(2);
      }
      Job ended = cluster.awaitSuccess("orphaned");

      assertThat(weightsOf(ended)).isEqualTo(expected);
      assertThat(ended.getGangs(0).getGeneration())
          .as("generation of the gang; %s", messages(ended))
          .isEqualTo(generation);
      assertThat(ended.getDriverAttemptsCount()).as("attempts of the driver").isEqualTo(1);
    }
  }

  @Test
  void everythingIsKilledTwiceAndTheNewestWholeCheckpointIsTakenUp() throws IOException {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      String expected = undisturbed(cluster);

      submit(cluster, "restarted");
      long first = killAllAfter(cluster, CHECKPOINT_EVERY);
      startAll(cluster);
      Job again = awaitStep(cluster, "restarted", first + 1);
      assertThat(messages(again)).anyMatch(m -> m.endsWith("newest checkpoint: step " + first));

      long newest = killAllAfter(cluster, first + 2 * CHECKPOINT_EVERY);
      StoredCheckpoints checkpoints = new StoredCheckpoints(cluster.store());
      flipAByte(checkpoints.largestFile(newest));
      cutInHalf(checkpoints.largestFile(newest - CHECKPOINT_EVERY));
      startAll(cluster);
      Job ended = cluster.awaitSuccess("restarted");

      assertThat(weightsOf(ended)).isEqualTo(expected);
      long whole = newest - 2 * CHECKPOINT_EVERY;
      assertThat(cluster.logs("restarted"))
          .contains("the checkpoint of step " + newest + " is damaged, the one before it is taken")
          .contains("the checkpoint of step " + (newest - CHECKPOINT_EVERY) + " is damaged")
          .contains("goes on from step " + whole);
    }
  }

  @Test
  void aWorkerThatNoCoordinatorAnswersStopsItsWorkByItself() {
    try (LocalClusterHarness cluster =
        LocalClusterHarness.start(
            directory,
            1,
            "troupe.coordinator.heartbeat-every=200ms",
            "troupe.coordinator.abandon-after=2s")) {
      submit(cluster, "abandoned");
      awaitStep(cluster, "abandoned", 1);
      cluster.coordinator().freeze();
      cluster.worker("worker-1").awaitLog("no coordinator has answered for 2 s: all work stops");
      cluster.worker("worker-1").awaitLog("is interrupted: no coordinator answers after step");
      cluster.coordinator().thaw();
      Job ended = cluster.awaitSuccess("abandoned");

      assertThat(ended.getGangs(0).getGeneration()).as("generation of the gang").isEqualTo(2);
    }
  }

  /** Returns the step of the newest checkpoint that the coordinator knew of. */
  private static long killAllAfter(LocalClusterHarness cluster, long checkpoint) {
    cluster.await(
        "restarted",
        "checkpoint of step " + checkpoint,
        job ->
            job.getGangsCount() == 1
                && job.getGangs(0).getState().equals("running")
                && job.getGangs(0).getCheckpointStep() >= checkpoint);
    cluster.worker("worker-1").kill();
    cluster.worker("worker-2").kill();
    // What is known once no worker is left to tell more.
    long newest = cluster.job("restarted").getGangs(0).getCheckpointStep();
    cluster.coordinator().kill();
    return newest;
  }

  private static void startAll(LocalClusterHarness cluster) {
    cluster.startCoordinator();
    cluster.startWorker("worker-1");
    cluster.startWorker("worker-2");
  }

  private static void flipAByte(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
  }

  private static void cutInHalf(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() / 2);
    }
  }

  private static Iterable<String> messages(Job job) {
    return job.getTimelineList().stream().map(event -> event.getMessage()).toList();
  }

  private static void submit(LocalClusterHarness cluster, String id) {
    cluster.submit(id, "sft", sft.options(STEPS, 2, CHECKPOINT_EVERY));
  }

  private static Job train(LocalClusterHarness cluster, String id) {
    submit(cluster, id);
    return cluster.awaitSuccess(id);
  }

  private static Job awaitStep(LocalClusterHarness cluster, String id, long step) {
    return cluster.await(
        id,
        "step " + step + " of training",
        job -> job.getProgress().getPhase().equals("train") && job.getProgress().getDone() >= step);
  }

  private static boolean trainsOnBoth(Job job) {
    return job.getGangsCount() == 1
        && job.getProgress().getPhase().equals("train")
        && job.getGangs(0).getState().equals("running")
        && job.getGangs(0).getWorkersCount() == 2;
  }

  /** What becomes of it if nothing happens, trained once for all tests. */
  private static String undisturbed(LocalClusterHarness cluster) {
    if (undisturbed == null) {
      undisturbed = weightsOf(train(cluster, "undisturbed"));
    }
    return undisturbed;
  }

  private static String weightsOf(Job job) {
    String weights = LocalClusterHarness.result(job, "weightsSha256");
    assertThat(weights).matches("[0-9a-f]{64}");
    return weights;
  }
}
