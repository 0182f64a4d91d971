package dev.troupe.coordinator.internal.grpc;

import com.google.protobuf.Timestamp;
import dev.troupe.coordinator.internal.ControlPlane;
import dev.troupe.core.Store;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.ArtifactChunk;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.JobUpdate;
import dev.troupe.proto.v1.ListArtifactsRequest;
import dev.troupe.proto.v1.ListArtifactsResponse;
import dev.troupe.proto.v1.ListJobsRequest;
import dev.troupe.proto.v1.ListJobsResponse;
import dev.troupe.proto.v1.LogChunk;
import dev.troupe.proto.v1.ReadArtifactRequest;
import dev.troupe.proto.v1.ReadLogsRequest;
import dev.troupe.proto.v1.SubmitJobRequest;
import dev.troupe.proto.v1.WatchJobRequest;
import dev.troupe.store.LogStore;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/** The calls about jobs. */
final class JobServiceImpl extends JobServiceGrpc.JobServiceImplBase {

  private final ControlPlane control;
  private final Store store;
  private final LogStore logs;
  private final ScheduledExecutorService readers;

  JobServiceImpl(
      ControlPlane control, Store store, LogStore logs, ScheduledExecutorService readers) {
    this.control = control;
    this.store = store;
    this.logs = logs;
    this.readers = readers;
  }

  @Override
  public void submitJob(SubmitJobRequest request, StreamObserver<Job> caller) {
    answer(
        caller,
        () -> {
          if (!request.getJobId().isEmpty()) {
            Requests.jobId(request.getJobId());
          }
          return control.submit(request);
        });
  }

  @Override
  public void getJob(GetJobRequest request, StreamObserver<Job> caller) {
    answer(caller, () -> control.get(Requests.jobId(request.getJobId())));
  }

  @Override
  public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> caller) {
    Set<JobState> states = EnumSet.noneOf(JobState.class);
    states.addAll(request.getStatesList());
    answer(
        caller,
        () ->
            control.list(Requests.pageSize(request.getPageSize()), request.getPageToken(), states));
  }

  @Override
  public void cancelJob(CancelJobRequest request, StreamObserver<Job> caller) {
    answer(caller, () -> control.cancel(Requests.jobId(request.getJobId()), request.getReason()));
  }

  @Override
  public void watchJob(WatchJobRequest request, StreamObserver<JobUpdate> caller) {
    answerStream(
        caller,
        () -> {
          WatchStream stream = new WatchStream((ServerCallStreamObserver<JobUpdate>) caller);
          stream.follow(control.watch(Requests.jobId(request.getJobId()), stream));
        });
  }

  @Override
  public void readLogs(ReadLogsRequest request, StreamObserver<LogChunk> caller) {
    answerStream(
        caller,
        () ->
            new LogStream(
                    logs, control, request, (ServerCallStreamObserver<LogChunk>) caller, readers)
                .start(request.getTailLines()));
  }

  @Override
  public void listArtifacts(
      ListArtifactsRequest request, StreamObserver<ListArtifactsResponse> caller) {
    answer(
        caller,
        () ->
            control
                .artifacts(Requests.jobId(request.getJobId()))
                .thenApply(JobServiceImpl::toResponse));
  }

  private static ListArtifactsResponse toResponse(List<ControlPlane.ArtifactEntry> entries) {
    ListArtifactsResponse.Builder response = ListArtifactsResponse.newBuilder();
    for (ControlPlane.ArtifactEntry entry : entries) {
      Instant created = entry.created();
      response.addArtifacts(
          Artifact.newBuilder()
              .setName(entry.name())
              .setBytes(entry.blob().bytes())
              .setSha256(entry.blob().sha256())
              .setCreated(
                  Timestamp.newBuilder()
                      .setSeconds(created.getEpochSecond())
                      .setNanos(created.getNano())));
    }
    return response.build();
  }

  @Override
  public void readArtifact(ReadArtifactRequest request, StreamObserver<ArtifactChunk> caller) {
    answerStream(
        caller,
        () ->
            new ArtifactStream(
                    store,
                    Requests.jobId(request.getJobId()),
                    request.getName(),
                    (ServerCallStreamObserver<ArtifactChunk>) caller,
                    readers)
                .start(control));
  }

  /**
   * Runs a call; what it throws before its stage is made reaches the caller in the same form as
   * what fails later.
   */
  private static <T> void answer(StreamObserver<T> caller, Supplier<CompletionStage<T>> call) {
    CompletionStage<T> stage;
    try {
      stage = call.get();
    } catch (RuntimeException e) {
      caller.onError(Errors.toStatus(e));
      return;
    }
    Replies.unary(stage, caller);
  }

  private static void answerStream(StreamObserver<?> caller, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      caller.onError(Errors.toStatus(e));
    }
  }
}
