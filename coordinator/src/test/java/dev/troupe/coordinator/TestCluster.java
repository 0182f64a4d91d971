package dev.troupe.coordinator;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.SubmitJobRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** A real coordinator on a journal in a temporary folder, fake workers, and a client. */
final class TestCluster implements AutoCloseable {

  private static final Duration WAIT = Duration.ofSeconds(45);

  private final Config config;
  private final List<FakeWorker> workers = new ArrayList<>();
  private CoordinatorNode coordinator;
  private ManagedChannel channel;

  TestCluster(Path dir) {
    this(dir, "");
  }

  TestCluster(Path dir, String extra) {
    int control = freePort();
    Config base =
        ConfigFactory.parseString(
            "troupe { store.directory = \""
                + dir.resolve("store")
                + "\", control-port = "
                + control
                + ", metrics-port = 0, coordinator { grpc-port = 0, heartbeat-every = 200ms,"
                + " worker-lost-after = 6s, journal.h2.file = \""
                + dir.resolve("journal/troupe")
                + "\" } }, pekko.loglevel = WARNING");
    this.config = ConfigFactory.parseString(extra).withFallback(base);
    start();
  }

  static int freePort() {
    try (ServerSocket probe = new ServerSocket(0)) {
      return probe.getLocalPort();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  void start() {
    coordinator = CoordinatorNode.start(NodeConfig.of(config));
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", coordinator.grpcPort()).usePlaintext().build();
  }

  void stopCoordinator() {
    channel.shutdownNow();
    coordinator.stop();
  }

  CoordinatorNode coordinator() {
    return coordinator;
  }

  FakeWorker worker(String id, int slots) {
    FakeWorker worker = new FakeWorker(id, slots, coordinator.controlPort());
    workers.add(worker);
    await(
        "worker " + id + " is registered",
        () ->
            cluster().listWorkers(ListWorkersRequest.getDefaultInstance()).getWorkersList().stream()
                .anyMatch(w -> w.getId().equals(id) && w.getState().equals("active")));
    return worker;
  }

  JobServiceGrpc.JobServiceBlockingStub jobs() {
    return JobServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  ClusterServiceGrpc.ClusterServiceBlockingStub cluster() {
    return ClusterServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  static SubmitJobRequest request(String id, int steps) {
    return SubmitJobRequest.newBuilder()
        .setJobId(id)
        .setSpec(
            JobSpec.newBuilder()
                .setWorkload(FakeWorker.WORKLOAD)
                .setOptions(
                    Struct.newBuilder()
                        .putFields("steps", Value.newBuilder().setNumberValue(steps).build())))
        .build();
  }

  Job submit(String id) {
    return jobs().submitJob(request(id, 10));
  }

  Job job(String id) {
    return jobs().getJob(GetJobRequest.newBuilder().setJobId(id).build());
  }

  Job awaitJob(String id, Predicate<Job> condition) {
    await("job " + id + " is as expected, not\n" + job(id), () -> condition.test(job(id)));
    return job(id);
  }

  Job awaitState(String id, JobState state) {
    return awaitJob(id, j -> j.getState() == state);
  }

  static void await(String what, BooleanSupplier condition) {
    long until = System.nanoTime() + WAIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new AssertionError("not within " + WAIT + ": " + what);
      }
      java.util.concurrent.locks.LockSupport.parkNanos(20_000_000);
    }
  }

  @Override
  public void close() {
    workers.forEach(FakeWorker::close);
    stopCoordinator();
  }
}
