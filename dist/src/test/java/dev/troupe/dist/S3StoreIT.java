package dev.troupe.dist;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.MotoServer;
import dev.troupe.dist.testkit.NodeProcess;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.ListArtifactsRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose nodes share nothing but a bucket. */
class S3StoreIT {

  private static final Map<String, Object> TRAINING =
      Map.of("steps", 80, "batch", 16, "checkpointEvery", 20, "workers", 2, "seed", 7);

  @TempDir Path directory;

  @Test
  void aTrainingRunSurvivesTheLossOfAllWorkersAndItsArtifactsAreDownloaded() throws Exception {
    try (MotoServer s3 = MotoServer.start(directory);
        LocalClusterHarness cluster =
            LocalClusterHarness.start(directory, 0, s3.settings().toArray(String[]::new))) {
      startWorker(cluster, "worker-1");
      startWorker(cluster, "worker-2");
      cluster.awaitWorkers(2);
      cluster.submit("undisturbed", "demo", TRAINING);
      String expected = weightsOf(cluster.awaitSuccess("undisturbed"));

      cluster.submit("killed", "demo", TRAINING);
      cluster.await(
          "killed",
          "a checkpoint",
          job -> job.getGangsCount() == 1 && job.getGangs(0).getCheckpointStep() >= 20);
      cluster.worker("worker-1").kill(); // with both, what they hold in memory
      cluster.worker("worker-2").kill();
      startWorker(cluster, "worker-1");
      startWorker(cluster, "worker-2");
      Job done = cluster.awaitSuccess("killed");

      assertThat(weightsOf(done)).isEqualTo(expected);
      assertThat(done.getGangs(0).getGeneration()).isGreaterThan(1);
      assertThat(cluster.logs("killed"))
          .as("from the bucket")
          .containsPattern("goes on from step \\d+(?!\\d|, held in memory)");
      assertDownloads(cluster);
      assertThat(files(cluster.store().resolve("logs"))).as("logs on this disk").isEmpty();
    }
  }

  /** With a directory of its own, in which nobody else looks. */
  private NodeProcess startWorker(LocalClusterHarness cluster, String id) {
    return cluster.startWorker(id, "troupe.store.directory=" + directory.resolve(id + "-copies"));
  }

  private static String weightsOf(Job job) {
    return LocalClusterHarness.result(job, "weightsSha256");
  }

  private void assertDownloads(LocalClusterHarness cluster) throws Exception {
    List<Artifact> artifacts =
        cluster
            .jobs()
            .listArtifacts(ListArtifactsRequest.newBuilder().setJobId("killed").build())
            .getArtifactsList();
    assertThat(artifacts).extracting(Artifact::getName).contains("report.html");
    Path target = directory.resolve("downloaded.html");
    Shell.Ended ended =
        new Shell(directory)
            .run(
                "artifacts",
                "killed",
                "--address",
                "127.0.0.1:" + cluster.grpcPort(),
                "--get",
                "report.html",
                "--output-file",
                target.toString());
    assertThat(ended.code()).as(ended.err()).isZero();
    Artifact report =
        artifacts.stream().filter(a -> a.getName().equals("report.html")).findFirst().orElseThrow();
    byte[] content = Files.readAllBytes(target);
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
    assertThat(HexFormat.of().formatHex(hash)).isEqualTo(report.getSha256());
  }

  private static List<Path> files(Path folder) throws Exception {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void aBucketThatIsNotThereIsSaidAtTheStart() throws Exception {
    try (MotoServer s3 = MotoServer.start(directory);
        LocalClusterHarness cluster =
            LocalClusterHarness.start(directory, 0, s3.settings().toArray(String[]::new))) {
      NodeProcess homeless =
          cluster.startWorker("homeless", "troupe.store.url=s3://no-such-bucket/troupe");
      assertThat(homeless.awaitExit(Duration.ofSeconds(60))).isEqualTo(1);
      assertThat(homeless.log())
          .contains("troupe worker: troupe.store.url: GET s3://no-such-bucket/troupe/")
          .contains(
              "there is no bucket 'no-such-bucket': make it, or set another troupe.store.url");
    }
  }
}
