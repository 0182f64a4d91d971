package dev.troupe.coordinator.internal.grpc;

import com.google.protobuf.UnsafeByteOperations;
import dev.troupe.coordinator.internal.ControlPlane;
import dev.troupe.coordinator.internal.JobStates;
import dev.troupe.proto.v1.LogChunk;
import dev.troupe.proto.v1.ReadLogsRequest;
import dev.troupe.store.LogStore;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Sends a job's log from an offset on. It reads when the caller can take more, and looks again
 * after a moment when it has sent all there is and the job goes on.
 */
final class LogStream {

  /** How long a line may lie in the store before a follower sees it. */
  private static final long LOOK_AGAIN_MILLIS = 100;

  private static final int CHUNK_BYTES = 64 * 1024;

  private final LogStore logs;
  private final ControlPlane control;
  private final String jobId;
  private final boolean follow;
  private final ServerCallStreamObserver<LogChunk> caller;
  private final ScheduledExecutorService readers;
  private long offset;
  private volatile boolean jobEnded;
  private volatile ScheduledFuture<?> next;

  LogStream(
      LogStore logs,
      ControlPlane control,
      ReadLogsRequest request,
      ServerCallStreamObserver<LogChunk> caller,
      ScheduledExecutorService readers) {
    this.logs = logs;
    this.control = control;
    this.jobId = Requests.jobId(request.getJobId());
    this.follow = request.getFollow();
    this.caller = caller;
    this.readers = readers;
    this.offset = request.getOffset();
  }

  /** Begins to send, once the job is known to exist. */
  void start(int tailLines) {
    caller.setOnCancelHandler(this::leave);
    control
        .get(jobId)
        .whenComplete(
            (job, error) -> {
              if (error != null) {
                caller.onError(Errors.toStatus(error));
                return;
              }
              jobEnded = JobStates.isTerminal(job.getState());
              readers.execute(() -> begin(tailLines));
            });
  }

  private void begin(int tailLines) {
    try {
      if (tailLines > 0 && offset == 0) {
        offset = logs.tailOffset(jobId, tailLines);
      }
    } catch (RuntimeException e) {
      caller.onError(Errors.toStatus(e));
      return;
    }
    look();
  }

  private void leave() {
    ScheduledFuture<?> planned = next;
    if (planned != null) {
      planned.cancel(false);
    }
  }

  private void look() {
    try {
      // Read before the log, so that what was written before the job ended is still sent.
      boolean last = jobEnded || !follow;
      boolean all = sendWhatThereIs();
      if (caller.isCancelled()) {
        return;
      }
      if (all && last) {
        caller.onCompleted();
        return;
      }
      next = readers.schedule(this::look, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      if (!jobEnded && follow) {
        control.get(jobId).thenAccept(job -> jobEnded = JobStates.isTerminal(job.getState()));
      }
    } catch (RuntimeException e) {
      caller.onError(Errors.toStatus(e));
    }
  }

  /** Whether the end of the log was reached; if not, the caller could not take more. */
  private boolean sendWhatThereIs() {
    while (caller.isReady()) {
      LogStore.Chunk chunk = logs.read(jobId, offset, CHUNK_BYTES);
      if (chunk.data().length == 0) {
        return true;
      }
      offset = chunk.nextOffset();
      caller.onNext(
          LogChunk.newBuilder()
              .setData(UnsafeByteOperations.unsafeWrap(chunk.data()))
              .setNextOffset(offset)
              .build());
    }
    return false;
  }
}
