package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.NodeProcess;
import dev.troupe.dist.testkit.SmallDisk;
import dev.troupe.dist.testkit.StoredCheckpoints;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.ArtifactChunk;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListArtifactsRequest;
import dev.troupe.proto.v1.ReadArtifactRequest;
import dev.troupe.proto.v1.TimelineEvent;
import dev.troupe.store.BlobStore;
import dev.troupe.store.Checkpoints;
import dev.troupe.store.Stores;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the machine denies or spoils: memory, disks, ports, files. Each time the user reads one
 * clear reason, nothing that was there before is lost, and the cluster goes on.
 */
class EnvironmentFaultsIT {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final int CHECKPOINT_EVERY = 5;

  @TempDir Path directory;

  @Test
  void aSmallMemoryFolderFailsTheJobWithWhatItNeedsAndTheClusterGoesOn() {
    Path shm = directory.resolve("shm");
    try (SmallDisk memory = SmallDisk.mount(shm, 10);
        LocalClusterHarness cluster =
            LocalClusterHarness.start(directory, 2, "troupe.worker.shared-memory=" + shm)) {
      submitDemo(cluster, "together", 2, 20);
      Job failed = cluster.awaitFailure("together");

      assertThat(failed.getFailure().getMessage())
          .containsPattern("shared memory: needs \\d+\\.\\d MiB, \\d+\\.\\d MiB free in " + shm)
          .contains("troupe.worker.shared-memory", "troupe.worker.transport");
      assertThat(failed.getTimelineList())
          .extracting(TimelineEvent::getMessage)
          .as("it is not tried again")
          .filteredOn(message -> message.contains("shared memory"))
          .satisfiesExactly(
              gang -> assertThat(gang).startsWith("gang train failed: "),
              end -> assertThat(end).startsWith("failed: "));
      assertThat(memory.path()).as("nothing stays in memory").isEmptyDirectory();

      submitDemo(cluster, "alone", 1, 20);
      cluster.awaitSuccess("alone");
    }
  }

  @Test
  void withoutSharedMemoryRanksUseTcp() {
    Path shm = directory.resolve("shm");
    try (SmallDisk memory = SmallDisk.mount(shm, 1);
        LocalClusterHarness cluster =
            LocalClusterHarness.start(
                directory,
                2,
                "troupe.worker.shared-memory=" + shm,
                "troupe.worker.transport=tcp")) {
      submitDemo(cluster, "together", 2, 20);
      assertThat(cluster.awaitSuccess("together").getGangs(0).getMaxSize()).isEqualTo(2);
      assertThat(memory.path()).isEmptyDirectory();
    }
  }

  @Test
  void aFullStoreFailsTheJobLosesNothingAndServesAgainWhenThereIsRoom() throws IOException {
    try (SmallDisk disk = SmallDisk.mount(directory.resolve("store"), 192);
        LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      submitDemo(cluster, "unlucky", 2, 100_000);
      cluster.await(
          "unlucky",
          "two checkpoints",
          job ->
              job.getGangsCount() == 1
                  && job.getGangs(0).getCheckpointStep() >= 2 * CHECKPOINT_EVERY);
      disk.fill();
      Job failed = cluster.awaitFailure("unlucky");

      assertThat(failed.getFailure().getMessage())
          .containsPattern("disk full: " + disk.path() + "\\S* needs \\d+ bytes, \\d+ are free")
          .contains("troupe.store.directory");
      assertThat(disk.path().resolve("tmp")).as("nothing half-written").isEmptyDirectory();
      long newest = failed.getGangs(0).getCheckpointStep();
      assertThat(readableSteps(disk.path())).as("checkpoints").contains(newest);

      disk.makeRoom();
      submitDemo(cluster, "lucky", 2, 2 * CHECKPOINT_EVERY);
      cluster.awaitSuccess("lucky");
      assertThat(cluster.job("unlucky").getState()).isEqualTo(JobState.JOB_STATE_FAILED);

      cluster.coordinator().kill();
      cluster.startCoordinator();
      assertThat(cluster.job("unlucky").getFailure().getMessage()).contains("disk full");
      assertThat(cluster.job("lucky").getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    }
  }

  @Test
  void aFullJournalEndsTheCoordinatorAndTheNextOneLosesNoTaskThatWasDone() throws IOException {
    Path tally = directory.resolve("tally");
    try (SmallDisk disk = SmallDisk.mount(directory.resolve("journal"), 8);
        LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      cluster.submit(
          "tally", "tally", Map.of("tasks", 400, "round", 40, "millis", 10, "file", tally));
      cluster.awaitTasks("tally", 40);
      disk.fill();
      assertThat(cluster.coordinator().awaitExit(START_LIMIT)).isEqualTo(1);
      assertThat(cluster.coordinator().log())
          .containsPattern(
              "troupe coordinator: journal "
                  + disk.path()
                  + "/troupe.mv.db can no longer be written: .* \\(0\\.0 MiB are free there\\)")
          .contains("start this coordinator again");
      disk.makeRoom();
      cluster.startCoordinator();
      Job ended = cluster.awaitSuccess("tally");

      assertThat(LocalClusterHarness.result(ended, "sum")).contains("79800");
      assertThat(Files.readAllLines(tally)).as("each task was run once").hasSize(400);
    }
  }

  @Test
  void aNodeThatCannotStartSaysWhichKeyToSet() throws IOException {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 1);
        ServerSocket holder = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = holder.getLocalPort();
      String own = "troupe.coordinator.journal.h2.file=" + directory.resolve("other");
      Map<String, NodeProcess> refused =
          Map.of(
              "troupe.coordinator.grpc-port",
              cluster.startOtherCoordinator(
                  "grpc", own + "/1", "troupe.coordinator.grpc-port=" + port),
              "troupe.control-port",
              cluster.startOtherCoordinator(
                  "control",
                  own + "/2",
                  "troupe.coordinator.grpc-port=0",
                  "troupe.control-port=" + port),
              "troupe.metrics-port",
              cluster.startOtherCoordinator(
                  "metrics",
                  own + "/3",
                  "troupe.coordinator.grpc-port=0",
                  "troupe.metrics-port=" + port),
              "troupe.worker.data-port",
              cluster.startWorker("data", "troupe.worker.data-port=" + port));
      NodeProcess homeless =
          cluster.startWorker("homeless", "troupe.store.directory=/dev/null/store");

      refused.forEach(
          (key, node) -> {
            assertThat(node.awaitExit(START_LIMIT)).as(key).isEqualTo(1);
            assertThat(node.log())
                .contains(key + ": cannot listen on 127.0.0.1:" + port)
                .doesNotContain("\tat ");
          });
      assertThat(homeless.awaitExit(START_LIMIT)).isEqualTo(1);
      assertThat(homeless.log())
          .contains("troupe.store.directory: cannot write /dev/null/store")
          .doesNotContain("\tat ");
      cluster.awaitWorkers(1);
    }
  }

  @Test
  void aSecondCoordinatorIsToldWhoHasTheJournalAndTheFirstGoesOn() {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 1)) {
      NodeProcess second =
          cluster.startOtherCoordinator("second", "troupe.coordinator.grpc-port=0");
      assertThat(second.awaitExit(START_LIMIT)).isEqualTo(1);
      assertThat(second.log())
          .contains(
              "is locked by another coordinator (pid " + cluster.coordinator().pid() + ")",
              "troupe.coordinator.journal.h2.file")
          .doesNotContain("\tat ");

      Path tally = directory.resolve("tally");
      cluster.submit("tally", "tally", Map.of("tasks", 4, "file", tally));
      cluster.awaitSuccess("tally");
    }
  }

  @Test
  void aTruncatedArtifactIsRefusedAndOthersAreFine() throws IOException {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 1)) {
      submitDemo(cluster, "demo", 1, 5);
      cluster.awaitSuccess("demo");
      Artifact html = artifact(cluster, "report.html");
      Artifact json = artifact(cluster, "report.json");
      Path file = file(cluster, html);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(html.getBytes() / 2);
      }

      assertThatThrownBy(() -> length(cluster, html))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("DATA_LOSS")
          .hasMessageContaining(html.getSha256())
          .hasMessageContaining(
              file + " holds " + html.getBytes() / 2 + " bytes (expected: " + html.getBytes());
      assertThat(length(cluster, json)).isEqualTo(json.getBytes());

      submitDemo(cluster, "again", 1, 5);
      cluster.awaitSuccess("again");
    }
  }

  private static void submitDemo(LocalClusterHarness cluster, String id, int workers, int steps) {
    cluster.submit(
        id,
        "demo",
        Map.of(
            "steps", steps, "batch", 16, "workers", workers, "checkpointEvery", CHECKPOINT_EVERY));
  }

  /** The steps of all checkpoints, each read as a whole. */
  private static Iterable<Long> readableSteps(Path directory) {
    try (BlobStore store = Stores.open(directory)) {
      return new StoredCheckpoints(directory)
          .all().keySet().stream()
              .map(manifest -> Checkpoints.open(store, manifest).step())
              .toList();
    }
  }

  private static Artifact artifact(LocalClusterHarness cluster, String name) {
    return cluster
        .jobs()
        .listArtifacts(ListArtifactsRequest.newBuilder().setJobId("demo").build())
        .getArtifactsList()
        .stream()
        .filter(artifact -> artifact.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aWorkerWithAnotherTokenIsRefusedOnBothSides() throws Exception {
    Path ours = Files.writeString(directory.resolve("token"), "secret\n");
    Path theirs = Files.writeString(directory.resolve("other-token"), "guess\n");
    try (LocalClusterHarness cluster =
        LocalClusterHarness.start(directory, 0, "troupe.security.token-file=" + ours)) {
      NodeProcess stranger =
          cluster.startWorker("stranger", "troupe.security.token-file=" + theirs);
      assertThat(stranger.awaitExit(START_LIMIT)).isEqualTo(2);
      assertThat(stranger.log())
          .contains("troupe worker: troupe.security.token-file: 127.0.0.1:")
          .contains("refuses this worker: its token is not the coordinator's")
          .doesNotContain("\tat ");
      cluster.coordinator().awaitLog("Worker stranger on 127.0.0.1 was refused: its token is not");

      cluster.startWorker("friend").awaitLog("registered with 127.0.0.1:");
    }
  }

  private static Path file(LocalClusterHarness cluster, Artifact artifact) {
    String hash = artifact.getSha256();
    return cluster
        .store()
        .resolve("blobs")
        .resolve(hash.substring(0, 2))
        .resolve(hash.substring(2));
  }

  /** Bytes read. */
  private static long length(LocalClusterHarness cluster, Artifact artifact) {
    Iterator<ArtifactChunk> chunks =
        cluster
            .jobs()
            .readArtifact(
                ReadArtifactRequest.newBuilder()
                    .setJobId("demo")
                    .setName(artifact.getName())
                    .build());
    long bytes = 0;
    while (chunks.hasNext()) {
      bytes += chunks.next().getData().size();
    }
    return bytes;
  }
}
