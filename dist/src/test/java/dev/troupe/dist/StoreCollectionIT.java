package dev.troupe.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.core.BlobRef;
import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.StoredCheckpoints;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.ArtifactChunk;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListArtifactsRequest;
import dev.troupe.proto.v1.ReadArtifactRequest;
import dev.troupe.store.BlobStore;
import dev.troupe.store.CheckpointManifest;
import dev.troupe.store.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs of real jobs, as they would be days later. */
class StoreCollectionIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int KEPT = 2;

  @TempDir Path directory;

  @Test
  void whatJobsHaveLeftOutlivesTheCollectionOfWhatTheyDoNotNeed() throws Exception {
    try (LocalClusterHarness cluster =
        LocalClusterHarness.start(
            directory,
            1,
            "troupe.store.collect-every=1s",
            "troupe.coordinator.checkpoints-kept=" + KEPT)) {
      cluster.submit("done", "demo", Map.of("steps", 40, "checkpointEvery", 10, "workers", 1));
      cluster.awaitSuccess("done");
      StoredCheckpoints stored = new StoredCheckpoints(cluster.store());
      Map<BlobRef, CheckpointManifest> ofDone = stored.all();
      cluster.submit(
          "cancelled",
          "demo",
          Map.of("steps", 100_000, "checkpointEvery", 5, "workers", 1, "seed", 3));
      cluster.await(
          "cancelled",
          "checkpoints beyond those kept",
          job -> job.getGangsCount() == 1 && job.getGangs(0).getCheckpointStep() >= 20);
      cluster.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId("cancelled").build());
      cluster.await("cancelled", "its end", job -> job.getState() == JobState.JOB_STATE_CANCELLED);
      Map<BlobRef, CheckpointManifest> ofCancelled = new HashMap<>(stored.all());
      ofCancelled.keySet().removeAll(ofDone.keySet());
      assertThat(ofCancelled).hasSizeGreaterThan(KEPT);
      BlobRef orphan = put(cluster, "left behind");

      ageAll(cluster.store().resolve("blobs"), Duration.ofDays(3));
      Awaitility.await("all but " + KEPT + " checkpoints to go to the trash")
          .atMost(LIMIT)
          .until(() -> stored.all().size() == KEPT && !Files.exists(stored.file(orphan)));
      ageAll(cluster.store().resolve("trash"), Duration.ofHours(2));
      Awaitility.await("the trash to be emptied")
          .atMost(LIMIT)
          .until(() -> files(cluster.store().resolve("trash")).isEmpty());

      assertThat(ofCancelled)
          .as("the newest of the cancelled job")
          .containsAllEntriesOf(stored.all());
      assertThat(ofDone).isNotEmpty();
      assertThat(artifacts(cluster, "done")).isNotEmpty().allMatch(a -> isWhole(cluster, a));
      assertThat(cluster.logs("done")).isNotEmpty();
    }
  }

  private static BlobRef put(LocalClusterHarness cluster, String content) {
    try (BlobStore store = Stores.open(cluster.store())) {
      return store.put(ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private static void ageAll(Path folder, Duration by) throws IOException {
    for (Path file : files(folder)) {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(by)));
    }
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static List<Artifact> artifacts(LocalClusterHarness cluster, String job) {
    return cluster
        .jobs()
        .listArtifacts(ListArtifactsRequest.newBuilder().setJobId(job).build())
        .getArtifactsList();
  }

  /** The coordinator checks the hash while it sends. */
  private static boolean isWhole(LocalClusterHarness cluster, Artifact artifact) {
    Iterator<ArtifactChunk> chunks =
        cluster
            .jobs()
            .readArtifact(
                ReadArtifactRequest.newBuilder()
                    .setJobId("done")
                    .setName(artifact.getName())
                    .build());
    long bytes = 0;
    while (chunks.hasNext()) {
      bytes += chunks.next().getData().size();
    }
    return bytes == artifact.getBytes();
  }
}
