package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.SftJob;
import dev.troupe.dist.testkit.Site;
import dev.troupe.dist.testkit.TwoHosts;
import dev.troupe.proto.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker on another host, with TLS and a token between them, and the cable cut: for a while that
 * costs nothing; for longer the worker's work goes to others, and when it is back, still at work,
 * it is fenced off and joins anew.
 */
class CutNetworkIT {

  private static final String LOST_SOON = "troupe.coordinator.worker-lost-after=5s";
  private static final int TASKS = 240;
  private static final int STEPS = 240;

  @TempDir Path directory;
  private TwoHosts hosts;
  private Site site;

  @BeforeEach
  void layTheCable() {
    hosts = TwoHosts.connect();
    site = Site.closed(hosts.near(), directory.resolve("security"), hosts.far());
  }

  @AfterEach
  void takeItAway() {
    if (hosts != null) {
      hosts.close();
    }
  }

  @Test
  void aShortCutCostsNothing() throws IOException {
    // TCP may take as long again as the cut until it tries once more.
    try (LocalClusterHarness cluster =
        LocalClusterHarness.start(site, directory, 1, "troupe.coordinator.worker-lost-after=20s")) {
      cluster.startWorker(hosts, "worker-2");
      cluster.awaitWorkers(2);
      submitTally(cluster, "tally");
      cluster.awaitTasks("tally", 40);

      hosts.cut();
      cluster.worker("worker-2").awaitLog("is silent; looking for a coordinator");
      hosts.mend();
      Job ended = cluster.awaitSuccess("tally");

      assertSum(ended);
      assertThat(Files.readAllLines(tally()))
          .as("each task was run once")
          .containsExactlyInAnyOrderElementsOf(numbers());
      assertThat(cluster.worker("worker-2").log()).doesNotContain("fenced");
    }
  }

  @Test
  void aDriverThatIsCutOffGoesOnElsewhere() throws IOException {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(site, directory, 0, LOST_SOON)) {
      cluster.startWorker(hosts, "worker-2");
      cluster.awaitWorkers(1);
      submitTally(cluster, "tally");
      cluster.startWorker("worker-1");
      cluster.awaitWorkers(2);
      Job before = cluster.awaitTasks("tally", 40);
      assertThat(before.getDriverAttempts(0).getWorker()).isEqualTo("worker-2");

      hosts.cut();
      Job ended = cluster.awaitSuccess("tally");
      hosts.mend();
      cluster.worker("worker-2").awaitLog("fenced");
      cluster.awaitWorkers(2);

      assertSum(ended);
      assertThat(ended.getDriverAttemptsList())
          .extracting(attempt -> attempt.getWorker())
          .containsExactly("worker-2", "worker-1");
      assertThat(Files.readAllLines(tally())).containsAll(numbers());
      assertThat(cluster.job("tally").getState()).isEqualTo(ended.getState());
    }
  }

  @Test
  void aRankThatIsCutOffIsReplacedAndTheWeightsAreTheSame() {
    SftJob sft = new SftJob(directory.resolve("model"));
    Map<String, Object> options = sft.options(STEPS, 2, 20);
    try (LocalClusterHarness cluster =
        LocalClusterHarness.start(site, directory, 1, LOST_SOON, "troupe.worker.transport=tcp")) {
      cluster.submit("undisturbed", "sft", options);
      String expected = weightsOf(cluster.awaitSuccess("undisturbed"));

      cluster.submit("cut", "sft", options);
      cluster.startWorker(hosts, "worker-2");
      Job both = awaitRanks(cluster, 2);
      cluster.awaitStep("cut", both.getProgress().getDone() + 1); // which both have done
      hosts.cut();
      Job alone = awaitRanks(cluster, 1);
      assertThat(alone.getGangs(0).getWorkersList()).containsExactly("worker-1");
      hosts.mend();
      cluster.worker("worker-2").awaitLog("fenced");
      awaitRanks(cluster, 2);

      assertThat(weightsOf(cluster.awaitSuccess("cut"))).isEqualTo(expected);
    }
  }

  private void submitTally(LocalClusterHarness cluster, String id) {
    cluster.submit(id, "tally", Map.of("tasks", TASKS, "round", 40, "millis", 50, "file", tally()));
  }

  private Path tally() {
    return directory.resolve("tally");
  }

  private static List<String> numbers() {
    return IntStream.range(0, TASKS).mapToObj(Integer::toString).toList();
  }

  private static void assertSum(Job ended) {
    assertThat(LocalClusterHarness.result(ended, "sum"))
        .contains(Integer.toString(TASKS * (TASKS - 1) / 2));
  }

  private static Job awaitRanks(LocalClusterHarness cluster, int count) {
    return cluster.await(
        "cut",
        count + " ranks that train",
        job ->
            job.getGangsCount() == 1
                && job.getProgress().getPhase().equals("train")
                && job.getGangs(0).getState().equals("running")
                && job.getGangs(0).getWorkersCount() == count);
  }

  private static String weightsOf(Job job) {
    String weights = LocalClusterHarness.result(job, "weightsSha256");
    assertThat(weights).matches("[0-9a-f]{64}");
    return weights;
  }
}
