package dev.troupe.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.protocol.ToJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers against a coordinator that speaks the protocol over a real connection. */
@Timeout(60)
class WorkerNodeTest {

  @TempDir Path folder;
  private FakeCoordinator coordinator;
  private final List<WorkerNode> nodes = new ArrayList<>();

  @BeforeEach
  void start() {
    TestWorkload.DOORS.clear();
    coordinator = new FakeCoordinator();
  }

  @AfterEach
  void stop() throws Exception {
    for (WorkerNode node : nodes) {
      node.stop();
      node.awaitTermination();
    }
    coordinator.close();
  }

  private WorkerNode worker(String id, String... settings) {
    return worker(id, coordinator.port(), settings);
  }

  private WorkerNode worker(String id, int port, String... settings) {
    NodeConfig config =
        NodeConfig.of(
            ConfigFactory.parseString(
                """
                troupe.coordinators = ["127.0.0.1:%d"]
                troupe.store.directory = "%s"
                troupe.worker { id = "%s", stall-timeout = 5s, join-timeout = 5s, drain-timeout = 5s }
                %s
                """
                    .formatted(port, folder.resolve("store"), id, String.join("\n", settings))));
    WorkerNode node = WorkerNode.start(config);
    nodes.add(node);
    return node;
  }

  @Test
  void aDriverFansOutItsTasksOverTwoWorkers() throws Exception {
    worker("worker-1");
    worker("worker-2");
    MiniJob job = new MiniJob(coordinator, "job-1", "worker-1", "worker-2");

    job.startDriver("worker-1", "sum", 3_000);

    ToJob.DriverEnded ended = coordinator.expect(ToJob.DriverEnded.class);
    assertThat(ended.error()).isNull();
    assertThat(ended.result().json()).isEqualTo("{\"sum\":8995500500}");
    assertThat(coordinator.all(ToJob.SubmitTasks.class).size()).isBetween(6, 300);
    assertThat(coordinator.all(ToJob.DriverStarted.class)).hasSize(1);
  }

  @Test
  void aSecondAttemptFastForwardsThroughWhatIsDone() throws Exception {
    worker("worker-1");
    worker("worker-2");
    MiniJob job = new MiniJob(coordinator, "job-1", "worker-2");
    job.startDriver("worker-1", "sum", 100);
    coordinator.expect(ToJob.DriverEnded.class, e -> e.attempt() == 1);

    job.startDriver("worker-2", "sum", 100);

    ToJob.DriverEnded again = coordinator.expect(ToJob.DriverEnded.class, e -> e.attempt() == 2);
    assertThat(again.result().json()).isEqualTo("{\"sum\":328350}");
    assertThat(job.runs()).isEqualTo(100);
  }
}
