package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.proto.v1.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A back-test loses a worker, and then its driver's; every price keeps its bits. */
class BacktestFaultsIT {

  private static final Map<String, Object> OPTIONS = Map.of("days", 100);

  @TempDir Path directory;

  @Test
  void killedWorkersChangeNoPrice() throws IOException {
    try (LocalClusterHarness cluster = LocalClusterHarness.start(directory, 2)) {
      cluster.submit("whole", "demo-pricing", OPTIONS);
      String sha256 = prices(cluster.awaitSuccess("whole"));

      cluster.submit("killed", "demo-pricing", OPTIONS);
      cluster.awaitTasks("killed", 5);
      String driver = cluster.job("killed").getDriverAttempts(0).getWorker();
      String other = driver.equals("worker-1") ? "worker-2" : "worker-1";
      cluster.worker(other).kill();
      cluster.startWorker(other);
      cluster.awaitTasks("killed", 20);
      cluster.worker(driver).kill();
      cluster.startWorker(driver);
      Job killed = cluster.awaitSuccess("killed");

      assertThat(prices(killed)).isEqualTo(sha256).containsPattern("[0-9a-f]{64}");
      assertThat(killed.getDriverAttemptsCount()).isEqualTo(2);
      // Each of the two had one slot: what was done elsewhere, or before, is not done again.
      assertThat(killed.getTasks().getRetried()).isLessThanOrEqualTo(2);
      assertThat(killed.getTasks().getSucceeded()).isEqualTo(killed.getTasks().getSubmitted());
    }
  }

  private static String prices(Job job) {
    return LocalClusterHarness.result(job, "pricesSha256");
  }
}
