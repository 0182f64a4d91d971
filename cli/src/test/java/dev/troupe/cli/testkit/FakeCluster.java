package dev.troupe.cli.testkit;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import dev.troupe.proto.v1.ArtifactChunk;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.DrainWorkerRequest;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.JobUpdate;
import dev.troupe.proto.v1.ListArtifactsRequest;
import dev.troupe.proto.v1.ListArtifactsResponse;
import dev.troupe.proto.v1.ListJobsRequest;
import dev.troupe.proto.v1.ListJobsResponse;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.ListWorkloadsRequest;
import dev.troupe.proto.v1.ListWorkloadsResponse;
import dev.troupe.proto.v1.LogChunk;
import dev.troupe.proto.v1.ReadArtifactRequest;
import dev.troupe.proto.v1.ReadLogsRequest;
import dev.troupe.proto.v1.SubmitJobRequest;
import dev.troupe.proto.v1.WatchJobRequest;
import dev.troupe.proto.v1.Worker;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A front door on loopback that answers what a test has told it to. */
public final class FakeCluster implements AutoCloseable {

  /** How one watch of a job goes: on a thread of its own, so it may wait. */
  @FunctionalInterface
  public interface WatchScript {
    void run(StreamObserver<JobUpdate> observer) throws Exception;
  }

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final int port;
  private Server server;

  public final Map<String, Job> jobs = new ConcurrentHashMap<>();
  public final List<Message> requests = new CopyOnWriteArrayList<>();
  public final List<WatchScript> watches = new CopyOnWriteArrayList<>();
  public final Map<String, byte[]> artifactBytes = new ConcurrentHashMap<>();
  public volatile ListArtifactsResponse artifacts = ListArtifactsResponse.getDefaultInstance();
  public volatile ListWorkersResponse workers = ListWorkersResponse.getDefaultInstance();
  public volatile ListWorkloadsResponse workloads = ListWorkloadsResponse.getDefaultInstance();
  public volatile byte[] log = new byte[0];
  public volatile int logBreaksAfter = Integer.MAX_VALUE;

  /** Thrown by each call, if set. */
  public volatile StatusRuntimeException refusal;

  public FakeCluster() {
    server = start(0);
    port = server.getPort();
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  /** The front door is gone. */
  public void stop() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The front door is back, at the same address. */
  public void startAgain() {
    server = start(port);
  }

  private Server start(int at) {
    try {
      return OkHttpServerBuilder.forPort(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), at),
              InsecureServerCredentials.create())
          .executor(executor)
          .addService(new Jobs())
          .addService(new Cluster())
          .build()
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    stop();
    executor.shutdownNow();
  }

  /** The newest request of a kind. */
  public <M extends Message> M last(Class<M> type) {
    return requests.stream()
        .filter(type::isInstance)
        .map(type::cast)
        .reduce((first, second) -> second)
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " was sent"));
  }

  /** INVALID_ARGUMENT with a violation for each field. */
  public static StatusRuntimeException invalid(Map<String, String> violations) {
    BadRequest.Builder request = BadRequest.newBuilder();
    violations.forEach(
        (field, description) ->
            request.addFieldViolationsBuilder().setField(field).setDescription(description));
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Status.Code.INVALID_ARGUMENT.value())
            .setMessage("the job is not valid")
            .addDetails(Any.pack(request.build()))
            .build());
  }

  /** Records the request; answers with the refusal and returns true, if there is one. */
  private boolean refused(Message request, StreamObserver<?> observer) {
    requests.add(request);
    StatusRuntimeException error = refusal;
    if (error != null) {
      observer.onError(error);
    }
    return error != null;
  }

  private <M> void answer(Message request, StreamObserver<M> observer, M answer) {
    if (!refused(request, observer)) {
      observer.onNext(answer);
      observer.onCompleted();
    }
  }

  private void answerJob(Message request, StreamObserver<Job> observer, String id) {
    Job job = jobs.get(id);
    if (refused(request, observer)) {
      return;
    }
    if (job == null) {
      observer.onError(noJob(id));
      return;
    }
    observer.onNext(job);
    observer.onCompleted();
  }

  private static StatusRuntimeException noJob(String id) {
    return Status.NOT_FOUND.withDescription("no job " + id).asRuntimeException();
  }

  private final class Jobs extends JobServiceGrpc.JobServiceImplBase {

    @Override
    public void submitJob(SubmitJobRequest request, StreamObserver<Job> observer) {
      Job job =
          Job.newBuilder()
              .setId(request.getJobId())
              .setSpec(request.getSpec())
              .setState(JobState.JOB_STATE_PENDING)
              .build();
      if (refused(request, observer)) {
        return;
      }
      jobs.putIfAbsent(job.getId(), job);
      observer.onNext(job);
      observer.onCompleted();
    }

    @Override
    public void getJob(GetJobRequest request, StreamObserver<Job> observer) {
      answerJob(request, observer, request.getJobId());
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> observer) {
      List<Job> all =
          jobs.values().stream().sorted((a, b) -> b.getId().compareTo(a.getId())).toList();
      int from = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
      int to = Math.min(all.size(), from + request.getPageSize());
      answer(
          request,
          observer,
          ListJobsResponse.newBuilder()
              .addAllJobs(all.subList(from, to))
              .setNextPageToken(to < all.size() ? Integer.toString(to) : "")
              .build());
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<JobUpdate> observer) {
      if (refused(request, observer)) {
        return;
      }
      if (!jobs.containsKey(request.getJobId()) && watches.isEmpty()) {
        observer.onError(noJob(request.getJobId()));
        return;
      }
      try {
        watches.remove(0).run(observer);
      } catch (Exception e) {
        observer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
      }
    }

    @Override
    public void readLogs(ReadLogsRequest request, StreamObserver<LogChunk> observer) {
      if (refused(request, observer)) {
        return;
      }
      int to = Math.min(log.length, logBreaksAfter);
      for (int from = (int) request.getOffset(); from < to; from += 4) {
        int end = Math.min(to, from + 4);
        observer.onNext(
            LogChunk.newBuilder()
                .setData(ByteString.copyFrom(log, from, end - from))
                .setNextOffset(end)
                .build());
      }
      if (to < log.length) {
        logBreaksAfter = Integer.MAX_VALUE;
        observer.onError(Status.UNAVAILABLE.withDescription("going away").asRuntimeException());
        return;
      }
      observer.onCompleted();
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<Job> observer) {
      answerJob(request, observer, request.getJobId());
    }

    @Override
    public void listArtifacts(
        ListArtifactsRequest request, StreamObserver<ListArtifactsResponse> observer) {
      answer(request, observer, artifacts);
    }

    @Override
    public void readArtifact(ReadArtifactRequest request, StreamObserver<ArtifactChunk> observer) {
      answer(
          request,
          observer,
          ArtifactChunk.newBuilder()
              .setData(ByteString.copyFrom(artifactBytes.get(request.getName())))
              .build());
    }
  }

  private final class Cluster extends ClusterServiceGrpc.ClusterServiceImplBase {

    @Override
    public void listWorkers(
        ListWorkersRequest request, StreamObserver<ListWorkersResponse> observer) {
      answer(request, observer, workers);
    }

    @Override
    public void drainWorker(DrainWorkerRequest request, StreamObserver<Worker> observer) {
      answer(
          request,
          observer,
          Worker.newBuilder().setId(request.getWorkerId()).setState("draining").build());
    }

    @Override
    public void listWorkloads(
        ListWorkloadsRequest request, StreamObserver<ListWorkloadsResponse> observer) {
      answer(request, observer, workloads);
    }
  }
}
