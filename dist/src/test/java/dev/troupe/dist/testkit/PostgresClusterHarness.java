package dev.troupe.dist.testkit;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.SubmitJobRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** Several coordinators on one Postgres server, and workers, as processes on loopback. */
public final class PostgresClusterHarness implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final long CALL_SECONDS = 10;

  private final Path directory;
  private final EmbeddedPostgres postgres;
  private final List<Integer> controlPorts = new ArrayList<>();
  private final List<NodeProcess> coordinators = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Map<String, NodeProcess> workers = new LinkedHashMap<>();

  private PostgresClusterHarness(Path directory, EmbeddedPostgres postgres) {
    this.directory = directory;
    this.postgres = postgres;
  }

  /**
   * Starts coordinators and {@code worker-1} to {@code worker-n}, and waits until every coordinator
   * lists the workers.
   *
   * @throws IOException if no Postgres server can be started here
   */
  public static PostgresClusterHarness start(Path directory, int coordinators, int workers)
      throws IOException {
    PostgresClusterHarness cluster =
        new PostgresClusterHarness(directory, EmbeddedPostgres.builder().start());
    try {
      for (int i = 0; i < coordinators; i++) {
        cluster.controlPorts.add(freePort());
      }
      cluster.startCoordinator(0); // forms the cluster that the others join, all at once
      cluster.channels.add(cluster.connect(0));
      for (int i = 1; i < coordinators; i++) {
        cluster.startCoordinator(i);
      }
      for (int i = 1; i <= workers; i++) {
        cluster.startWorker("worker-" + i);
      }
      for (int i = 1; i < coordinators; i++) {
        cluster.channels.add(cluster.connect(i));
      }
      for (int i = 0; i < coordinators; i++) {
        cluster.awaitWorkers(i, workers);
      }
      return cluster;
    } catch (Throwable e) {
      cluster.close();
      throw e;
    }
  }

  private void startCoordinator(int index) {
    List<String> settings = new ArrayList<>(common());
    settings.add("troupe.control-port=" + controlPorts.get(index));
    settings.add("troupe.coordinator.grpc-port=0");
    settings.add("troupe.coordinator.journal.kind=postgres");
    settings.add("troupe.coordinator.journal.postgres.user=postgres");
    settings.add(
        "troupe.coordinator.journal.postgres.url=" + postgres.getJdbcUrl("postgres", "postgres"));
    coordinators.add(
        NodeProcess.start(
            "coordinator-" + (index + 1), "dev.troupe.dist.CoordinatorMain", settings, directory));
  }

  /** A client's connection, once the coordinator is up. */
  private ManagedChannel connect(int index) {
    int port = coordinators.get(index).awaitReady().required("grpcPort").asInt();
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  private void startWorker(String id) {
    List<String> settings = new ArrayList<>(common());
    settings.add("troupe.worker.id=" + id);
    workers.put(id, NodeProcess.start(id, "dev.troupe.dist.WorkerMain", settings, directory));
  }

  private List<String> common() {
    String all =
        controlPorts.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
    return List.of(
        "troupe.coordinators=" + all, "troupe.store.directory=" + directory.resolve("store"));
  }

  private void awaitWorkers(int coordinator, int count) {
    Awaitility.await("coordinator " + (coordinator + 1) + " lists " + count + " workers")
        .atMost(LIMIT)
        .pollInterval(POLL)
        .until(
            () ->
                ClusterServiceGrpc.newBlockingStub(channels.get(coordinator))
                        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                        .listWorkers(ListWorkersRequest.getDefaultInstance())
                        .getWorkersCount()
                    == count);
  }

  /** The first is 0; it holds the singletons as long as it lives. */
  public NodeProcess coordinator(int index) {
    return coordinators.get(index);
  }

  /** Submits through one coordinator. */
  public Job submit(int coordinator, String id, String workload, Map<String, ?> options) {
    Struct.Builder struct = Struct.newBuilder();
    options.forEach(
        (key, value) ->
            struct.putFields(
                key, Value.newBuilder().setStringValue(String.valueOf(value)).build()));
    return jobs(coordinator)
        .submitJob(
            SubmitJobRequest.newBuilder()
                .setJobId(id)
                .setSpec(JobSpec.newBuilder().setWorkload(workload).setOptions(struct))
                .build());
  }

  /** Waits until a coordinator tells the job to be as wanted, through its absences. */
  public Job await(int coordinator, String id, String what, Predicate<Job> wanted) {
    Job[] last = {Job.getDefaultInstance()};
    Awaitility.await(id + ": " + what)
        .atMost(LIMIT)
        .pollInterval(POLL)
        .until(
            () -> {
              try {
                last[0] = jobs(coordinator).getJob(GetJobRequest.newBuilder().setJobId(id).build());
                return wanted.test(last[0]);
              } catch (StatusRuntimeException e) {
                return false; // its entity moves
              }
            });
    return last[0];
  }

  private JobServiceGrpc.JobServiceBlockingStub jobs(int coordinator) {
    return JobServiceGrpc.newBlockingStub(channels.get(coordinator))
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }

  private static int freePort() {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    workers.values().stream().filter(NodeProcess::isAlive).forEach(NodeProcess::kill);
    coordinators.stream().filter(NodeProcess::isAlive).forEach(NodeProcess::kill);
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
