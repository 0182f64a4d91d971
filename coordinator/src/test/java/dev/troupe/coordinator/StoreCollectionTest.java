package dev.troupe.coordinator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromCoordinator.StartMember;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.BlobRef;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.JobState;
import dev.troupe.store.BlobStore;
import dev.troupe.store.CheckpointManifest;
import dev.troupe.store.Checkpoints;
import dev.troupe.store.Stores;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator keeps in the store what its journal refers to, and nothing else for ever. */
@Timeout(120)
class StoreCollectionTest {

  private static final String OFTEN =
      "troupe { store { collect-every = 100ms, collect-after = 1h }"
          + ", coordinator.checkpoints-kept = 1 }";

  @TempDir Path dir;
  private BlobStore store;

  @BeforeEach
  void openStore() {
    store = Stores.open(dir.resolve("store"));
  }

  private BlobRef old(String content) throws IOException {
    return aged(store.put(ByteBuffer.wrap(content.getBytes(UTF_8))));
  }

  private BlobRef aged(BlobRef blob) throws IOException {
    age(path(blob), Duration.ofDays(3));
    return blob;
  }

  private static void age(Path file, Duration by) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(by)));
  }

  private BlobRef checkpoint(long step, BlobRef... files) throws IOException {
    TreeMap<String, BlobRef> byName = new TreeMap<>();
    List.of(files).forEach(file -> byName.put("file-" + byName.size(), file));
    return aged(Checkpoints.save(store, new CheckpointManifest(step, 1, byName)));
  }

  private Path path(BlobRef blob) {
    String name = blob.sha256();
    return dir.resolve("store/blobs").resolve(name.substring(0, 2)).resolve(name.substring(2));
  }

  private Path trashed(BlobRef blob) {
    return dir.resolve("store/trash").resolve(blob.sha256());
  }

  private void awaitTrashed(BlobRef... blobs) {
    TestCluster.await(
        "all that nobody needs is in the trash",
        () -> List.of(blobs).stream().allMatch(blob -> Files.exists(trashed(blob))));
  }

  @Test
  void whatJobsReferToStaysAndOrphansGo() throws Exception {
    BlobRef weights = old("step 1");
    BlobRef shared = old("tokenizer");
    BlobRef newest = old("step 2");
    BlobRef part = old("part of a result");
    BlobRef artifact = old("report");
    BlobRef first = checkpoint(1, weights, shared);
    BlobRef second = checkpoint(2, newest, shared);
    try (TestCluster cluster = new TestCluster(dir)) {
      FakeWorker worker = cluster.worker("worker-1", 1);
      cluster.submit("train");
      var driver = worker.take(FromCoordinator.StartDriver.class);
      worker.say("train", new ToJob.ArtifactWritten("report.html", artifact));
      worker.say(
          "train", new ToJob.SubmitGang(1, "train", "Member", Payload.inline("{}"), "h", 1, 1));
      StartMember member = worker.take(StartMember.class);
      worker.say("train", new ToJob.MemberStarted("train", member.generation(), 0));
      worker.say("train", new ToJob.CheckpointWritten("train", 1, 1, first, 1, 0.1));
      worker.say("train", new ToJob.CheckpointWritten("train", 1, 2, second, 1, 0.1));
      cluster.awaitJob("train", j -> j.getGangs(0).getCheckpointStep() == 2);
      cluster.submit("quick");
      var other = worker.take(FromCoordinator.StartDriver.class);
      String result = "{\"parts\":[{\"sha256\":\"" + part.sha256() + "\",\"bytes\":16}]}";
      worker.say(
          "quick", new ToJob.DriverEnded(other.lease().leaseId(), 1, Payload.inline(result), null));
      cluster.awaitState("quick", JobState.JOB_STATE_SUCCEEDED);
      cluster.submit("cancelled");
      cluster.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId("cancelled").build());
      assertThat(driver.attempt()).isEqualTo(1);
    }
    BlobRef orphan = old("of the cancelled job");
    List<BlobRef> needed = List.of(artifact, part, second, newest, shared);
    try (TestCluster cluster = new TestCluster(dir, OFTEN)) {
      awaitTrashed(orphan, first, weights);
      for (BlobRef blob : List.of(orphan, first, weights)) {
        age(trashed(blob), Duration.ofHours(2));
      }
      TestCluster.await(
          "they are gone for good",
          () -> metric(cluster, "troupe_store_collected_blobs_total") == 3);
      assertThat(metric(cluster, "troupe_store_collected_bytes_total"))
          .isEqualTo((double) (orphan.bytes() + first.bytes() + weights.bytes()));
      assertThat(needed).allMatch(blob -> Files.exists(path(blob)));
    }
    assertThat(dir.resolve("store/trash")).isEmptyDirectory();
  }

  private static double metric(TestCluster cluster, String name) {
    URI uri = URI.create("http://127.0.0.1:" + cluster.coordinator().metricsPort() + "/metrics");
    try (InputStream in = uri.toURL().openStream()) {
      return new String(in.readAllBytes(), UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theCheckpointsOfAJobThatSucceededGo() throws Exception {
    BlobRef weights = old("weights");
    BlobRef last = checkpoint(9, weights);
    try (TestCluster cluster = new TestCluster(dir, OFTEN)) {
      FakeWorker worker = cluster.worker("worker-1", 1);
      cluster.submit("train");
      var driver = worker.take(FromCoordinator.StartDriver.class);
      worker.say(
          "train", new ToJob.SubmitGang(1, "train", "Member", Payload.inline("{}"), "h", 1, 1));
      StartMember member = worker.take(StartMember.class);
      worker.say("train", new ToJob.MemberStarted("train", member.generation(), 0));
      worker.say("train", new ToJob.CheckpointWritten("train", 1, 9, last, 1, 0.1));
      cluster.awaitJob("train", j -> j.getGangs(0).getCheckpointStep() == 9);
      BlobRef orphan = old("orphan");
      awaitTrashed(orphan);
      assertThat(store.contains(last)).isTrue();
      assertThat(store.contains(weights)).isTrue();
      aged(last);
      aged(weights);
      worker.say(
          "train", new ToJob.DriverEnded(driver.lease().leaseId(), 1, Payload.inline("{}"), null));
      cluster.awaitState("train", JobState.JOB_STATE_SUCCEEDED);
      awaitTrashed(last, weights);
    }
  }

  @Test
  void aStoreOfAnotherClusterIsLeftAlone() throws Exception {
    store.claim("another");
    BlobRef theirs = old("theirs");
    try (TestCluster cluster = new TestCluster(dir, OFTEN)) {
      TestCluster.await(
          "it has been looked at",
          () -> metric(cluster, "troupe_store_collections_total{outcome=\"failed\"}") > 1);
    }
    assertThat(path(theirs)).exists();
  }
}
