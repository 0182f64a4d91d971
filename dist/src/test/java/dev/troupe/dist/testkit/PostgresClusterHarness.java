package dev.troupe.dist.testkit;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.SubmitJobRequest;
import dev.troupe.proto.v1.Worker;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Several coordinators on one Postgres server, and workers, as processes on this machine. */
public final class PostgresClusterHarness implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final long CALL_SECONDS = 10;

  private final Site site;
  private final TwoHosts hosts; // null: the coordinators are on one
  private final Path directory;
  private final EmbeddedPostgres postgres;
  private final List<Integer> controlPorts = new ArrayList<>();
  private final List<NodeProcess> coordinators = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final Map<String, NodeProcess> workers = new LinkedHashMap<>();

  private PostgresClusterHarness(
      Site site, TwoHosts hosts, Path directory, EmbeddedPostgres postgres) {
    this.site = site;
    this.hosts = hosts;
    this.directory = directory;
    this.postgres = postgres;
  }

  /**
   * Starts coordinators and {@code worker-1} to {@code worker-n}, and waits until every coordinator
   * lists the workers.
   *
   * @param hosts if not null, the first coordinator is on the other one, and reaches the server by
   *     a way that is never cut
   * @throws IOException if no Postgres server can be started here
   */
  public static PostgresClusterHarness start(
      Site site, TwoHosts hosts, Path directory, int coordinators, int workers) throws IOException {
    PostgresClusterHarness cluster =
        new PostgresClusterHarness(site, hosts, directory, startPostgres(hosts, directory));
    try {
      for (int i = 0; i < coordinators; i++) {
        cluster.controlPorts.add(freePort());
      }
      // The first forms the cluster that the others join, all at once.
      cluster.coordinators.add(cluster.startCoordinator(0));
      cluster.channels.add(cluster.connect(0));
      for (int i = 1; i < coordinators; i++) {
        cluster.coordinators.add(cluster.startCoordinator(i));
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

  private static EmbeddedPostgres startPostgres(TwoHosts hosts, Path directory) throws IOException {
    if (hosts == null) {
      return EmbeddedPostgres.builder().start();
    }
    Path data = directory.resolve("postgres");
    EmbeddedPostgres postgres =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setServerConfig("listen_addresses", "*")
            .start();
    Files.writeString(
        data.resolve("pg_hba.conf"),
        "host all all " + hosts.uncutFar() + "/32 trust\n",
        StandardOpenOption.APPEND);
    try (Connection connection = postgres.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_reload_conf()");
    } catch (SQLException e) {
      postgres.close();
      throw new IOException(e);
    }
    return postgres;
  }

  private NodeProcess startCoordinator(int index) {
    boolean far = isFar(index);
    List<String> settings = new ArrayList<>(common());
    settings.add("troupe.bind-host=" + host(index));
    settings.add("troupe.control-port=" + controlPorts.get(index));
    settings.add("troupe.coordinator.grpc-port=0");
    settings.add("troupe.coordinator.journal.kind=postgres");
    settings.add("troupe.coordinator.journal.postgres.user=postgres");
    String url = postgres.getJdbcUrl("postgres", "postgres");
    settings.add(
        "troupe.coordinator.journal.postgres.url="
            + (far ? url.replace("localhost", hosts.uncutNear()) : url));
    return NodeProcess.start(
        far ? hosts.enterFar() : List.of(),
        "coordinator-" + (index + 1),
        "dev.troupe.dist.CoordinatorMain",
        settings,
        directory);
  }

  /** Starts one that has ended again, and does not wait for it. */
  public NodeProcess restartCoordinator(int index) {
    coordinators.set(index, startCoordinator(index));
    return coordinators.get(index);
  }

  /** Connects anew to one that was started again, once it is up. */
  public void reconnect(int index) {
    channels.get(index).shutdownNow();
    channels.set(index, connect(index));
  }

  private boolean isFar(int index) {
    return hosts != null && index == 0;
  }

  private String host(int index) {
    return isFar(index) ? hosts.far() : site.host();
  }

  /** A client's connection, once the coordinator is up. */
  private ManagedChannel connect(int index) {
    int port = coordinators.get(index).awaitReady().required("grpcPort").asInt();
    return site.connect(host(index), port);
  }

  /** Starts a worker, or one that has ended again. */
  public void startWorker(String id) {
    List<String> settings = new ArrayList<>(common());
    settings.add("troupe.worker.id=" + id);
    workers.put(id, NodeProcess.start(id, "dev.troupe.dist.WorkerMain", settings, directory));
  }

  public NodeProcess worker(String id) {
    return workers.get(id);
  }

  private List<String> common() {
    String all =
        IntStream.range(0, controlPorts.size())
            .mapToObj(i -> host(i) + ":" + controlPorts.get(i))
            .collect(Collectors.joining(","));
    List<String> settings = new ArrayList<>(site.settings());
    settings.add("troupe.coordinators=" + all);
    settings.add("troupe.store.directory=" + directory.resolve("store"));
    return settings;
  }

  private void awaitWorkers(int coordinator, int count) {
    Awaitility.await("coordinator " + (coordinator + 1) + " lists " + count + " workers")
        .atMost(LIMIT)
        .pollInterval(POLL)
        .until(() -> listWorkers(coordinator).size() == count);
  }

  /**
   * As a coordinator tells it.
   *
   * @throws StatusRuntimeException if it does not answer
   */
  public List<Worker> listWorkers(int coordinator) {
    return ClusterServiceGrpc.newBlockingStub(channels.get(coordinator))
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
        .listWorkers(ListWorkersRequest.getDefaultInstance())
        .getWorkersList();
  }

  /**
   * As a coordinator tells it.
   *
   * @throws StatusRuntimeException if it does not answer
   */
  public Job job(int coordinator, String id) {
    return jobs(coordinator).getJob(GetJobRequest.newBuilder().setJobId(id).build());
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

  public Job cancel(int coordinator, String id) {
    return jobs(coordinator).cancelJob(CancelJobRequest.newBuilder().setJobId(id).build());
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
                last[0] = job(coordinator, id);
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
