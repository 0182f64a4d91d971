package dev.troupe.dist.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.LogChunk;
import dev.troupe.proto.v1.ReadLogsRequest;
import dev.troupe.proto.v1.SubmitJobRequest;
import dev.troupe.proto.v1.Worker;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/**
 * A cluster of real processes on this machine, whose members a test can kill and bring back.
 * Nothing supervises them: what the test does not start again stays dead.
 */
public final class LocalClusterHarness implements AutoCloseable {

  public static final Duration JOB_LIMIT = Duration.ofMinutes(4);

  private static final Set<JobState> ENDED =
      Set.of(JobState.JOB_STATE_SUCCEEDED, JobState.JOB_STATE_FAILED, JobState.JOB_STATE_CANCELLED);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final long CALL_SECONDS = 10;

  private final Site site;
  private final Path directory;
  private final List<String> settings;
  private final Map<String, NodeProcess> workers = new LinkedHashMap<>();
  private final List<NodeProcess> others = new ArrayList<>();
  private NodeProcess coordinator;
  private int grpcPort;
  private int controlPort;
  private int coordinatorMetricsPort;
  private ManagedChannel channel;

  private LocalClusterHarness(Site site, Path directory, List<String> settings) {
    this.site = site;
    this.directory = directory;
    this.settings = new ArrayList<>(site.settings());
    this.settings.addAll(settings);
  }

  /**
   * Starts a coordinator and {@code worker-1} to {@code worker-n} on loopback, and waits until they
   * are registered.
   *
   * @param settings for all nodes, as in {@code troupe.worker.stall-timeout=3s}
   */
  public static LocalClusterHarness start(Path directory, int workers, String... settings) {
    return start(Site.LOOPBACK, directory, workers, settings);
  }

  /** The same elsewhere. */
  public static LocalClusterHarness start(
      Site site, Path directory, int workers, String... settings) {
    LocalClusterHarness cluster = new LocalClusterHarness(site, directory, List.of(settings));
    try {
      cluster.startCoordinator();
      for (int i = 1; i <= workers; i++) {
        cluster.startWorker("worker-" + i);
      }
      cluster.workers.values().forEach(NodeProcess::awaitReady);
      cluster.awaitWorkers(workers);
      return cluster;
    } catch (Throwable e) {
      cluster.close();
      throw e;
    }
  }

  /** Starts the coordinator, on the ports it had before if it was there before. */
  public void startCoordinator() {
    coordinator =
        launchCoordinator(
            "coordinator",
            "troupe.coordinator.grpc-port=" + grpcPort,
            "troupe.control-port=" + controlPort);
    JsonNode ports = coordinator.awaitReady();
    grpcPort = ports.required("grpcPort").asInt();
    controlPort = ports.required("controlPort").asInt();
    coordinatorMetricsPort = ports.required("metricsPort").asInt();
    if (channel == null) {
      channel = site.connect(site.host(), grpcPort);
    }
  }

  /**
   * Starts one more coordinator on the same journal and store, with settings of its own, and does
   * not wait for it.
   */
  public NodeProcess startOtherCoordinator(String name, String... own) {
    NodeProcess other = launchCoordinator(name, own);
    others.add(other);
    return other;
  }

  private NodeProcess launchCoordinator(String name, String... own) {
    List<String> all = new ArrayList<>(settings);
    all.add("troupe.store.directory=" + store());
    all.add("troupe.coordinator.journal.h2.file=" + directory.resolve("journal/troupe"));
    all.addAll(List.of(own));
    return NodeProcess.start(name, "dev.troupe.dist.CoordinatorMain", all, directory);
  }

  /** Starts a worker of that name, with settings of its own. */
  public NodeProcess startWorker(String id, String... own) {
    return startWorker(List.of(), id, own);
  }

  /** Starts a worker on the other host. */
  public NodeProcess startWorker(TwoHosts hosts, String id) {
    return startWorker(hosts.enterFar(), id, "troupe.bind-host=" + hosts.far());
  }

  private NodeProcess startWorker(List<String> prefix, String id, String... own) {
    List<String> all = new ArrayList<>(settings);
    all.add("troupe.worker.id=" + id);
    all.add("troupe.coordinators=" + site.host() + ":" + controlPort);
    all.add("troupe.store.directory=" + store());
    all.addAll(List.of(own));
    NodeProcess worker =
        NodeProcess.start(prefix, id, "dev.troupe.dist.WorkerMain", all, directory);
    workers.put(id, worker);
    return worker;
  }

  public NodeProcess worker(String id) {
    return workers.get(id);
  }

  public NodeProcess coordinator() {
    return coordinator;
  }

  public Path directory() {
    return directory;
  }

  /** Where clients connect. */
  public int grpcPort() {
    return grpcPort;
  }

  /** The store's directory. */
  public Path store() {
    return directory.resolve("store");
  }

  /** Prometheus ports of all nodes that run, by name. */
  public Map<String, Integer> metricsPorts() {
    Map<String, Integer> ports = new LinkedHashMap<>();
    ports.put("coordinator", coordinatorMetricsPort);
    workers.forEach((id, node) -> ports.put(id, node.awaitReady().required("metricsPort").asInt()));
    return ports;
  }

  /** Waits until exactly so many workers are active. */
  public void awaitWorkers(int count) {
    Awaitility.await(count + " active workers")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(POLL)
        .until(
            () ->
                listWorkers().stream().filter(worker -> worker.getState().equals("active")).count()
                    == count);
  }

  /** As the coordinator sees them; empty while it does not answer. */
  public List<Worker> listWorkers() {
    try {
      return cluster().listWorkers(ListWorkersRequest.getDefaultInstance()).getWorkersList();
    } catch (StatusRuntimeException e) {
      return List.of();
    }
  }

  public JobServiceGrpc.JobServiceBlockingStub jobs() {
    return JobServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
        .withWaitForReady();
  }

  public ClusterServiceGrpc.ClusterServiceBlockingStub cluster() {
    return ClusterServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
        .withWaitForReady();
  }

  public Job submit(String id, String workload, Map<String, ?> options) {
    Struct.Builder struct = Struct.newBuilder();
    options.forEach(
        (key, value) ->
            struct.putFields(
                key, Value.newBuilder().setStringValue(String.valueOf(value)).build()));
    return jobs()
        .submitJob(
            SubmitJobRequest.newBuilder()
                .setJobId(id)
                .setSpec(JobSpec.newBuilder().setWorkload(workload).setOptions(struct))
                .build());
  }

  public Job job(String id) {
    return jobs().getJob(GetJobRequest.newBuilder().setJobId(id).build());
  }

  /**
   * Waits until the job is as wanted, through the coordinator's absences; a job that ends otherwise
   * fails the test at once.
   */
  public Job await(String id, String what, Predicate<Job> wanted) {
    Job[] last = new Job[1];
    Awaitility.await(id + ": " + what)
        .atMost(JOB_LIMIT)
        .pollInterval(POLL)
        .until(
            () -> {
              try {
                last[0] = job(id);
              } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                  throw e;
                }
                return false;
              }
              if (!wanted.test(last[0]) && ENDED.contains(last[0].getState())) {
                throw new AssertionError("job ended while waiting for '" + what + "':\n" + last[0]);
              }
              return wanted.test(last[0]);
            });
    return last[0];
  }

  /** Waits for the job to fail. */
  public Job awaitFailure(String id) {
    return await(id, "failure", job -> job.getState() == JobState.JOB_STATE_FAILED);
  }

  /** Waits for the job to succeed. */
  public Job awaitSuccess(String id) {
    return await(id, "success", job -> job.getState() == JobState.JOB_STATE_SUCCEEDED);
  }

  /** Waits until the job has done at least so many steps (or whatever its progress counts). */
  public Job awaitStep(String id, long step) {
    return await(id, "step " + step, job -> job.getProgress().getDone() >= step);
  }

  /** Waits until so many of the job's tasks have succeeded; unlike progress, this is journaled. */
  public Job awaitTasks(String id, long count) {
    return await(id, count + " tasks", job -> job.getTasks().getSucceeded() >= count);
  }

  public String logs(String id) {
    StringBuilder text = new StringBuilder();
    Iterator<LogChunk> chunks = jobs().readLogs(ReadLogsRequest.newBuilder().setJobId(id).build());
    chunks.forEachRemaining(chunk -> text.append(chunk.getData().toStringUtf8()));
    return text.toString();
  }

  /** A field of a job's result as text. */
  public static String result(Job job, String field) {
    Value value = job.getResult().getFieldsOrThrow(field);
    return value.hasStringValue() ? value.getStringValue() : value.toString().trim();
  }

  @Override
  public void close() {
    if (channel != null) {
      channel.shutdownNow();
    }
    workers.values().stream().filter(NodeProcess::isAlive).forEach(NodeProcess::kill);
    others.stream().filter(NodeProcess::isAlive).forEach(NodeProcess::kill);
    if (coordinator != null && coordinator.isAlive()) {
      coordinator.kill();
    }
  }
}
