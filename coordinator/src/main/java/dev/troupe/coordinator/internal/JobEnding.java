package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.StoreException;
import dev.troupe.proto.journal.v1.JobEnded;
import dev.troupe.proto.journal.v1.Member;
import dev.troupe.proto.v1.Failure;
import dev.troupe.proto.v1.JobState;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * How a job ends: with its driver's result, with an error, or cancelled. A cancelled job waits
 * until the work under its leases has stopped, though not for ever.
 */
final class JobEnding {

  /** Leases that do not stop by then are waited for no longer. */
  private static final long STOP_DEADLINE_MILLIS = 15_000;

  /**
   * A driver's result up to this size is shown whole with its job. As a protobuf Struct it may take
   * seven times that, which has to fit a frame between coordinators.
   */
  private static final long MAX_RESULT_BYTES = 512 * 1024;

  /** Gives back all that the job holds. */
  @FunctionalInterface
  interface Release {

    /**
     * @param driver the driver's lease, or null
     * @param stopDriver whether the driver may still run
     */
    void all(Member driver, boolean stopDriver, String reason);
  }

  private final JobRecord record;
  private final Results results;
  private final JobEntity.BlobReader blobs;
  private final JobPort port;
  private final Release release;
  private final Set<String> stopping = new HashSet<>();
  private long stopBy;

  JobEnding(
      JobRecord record,
      Results results,
      JobEntity.BlobReader blobs,
      JobPort port,
      Release release) {
    this.record = record;
    this.results = results;
    this.blobs = blobs;
    this.port = port;
    this.release = release;
  }

  /** The driver returned or threw. */
  void onDriverEnded(ToJob.DriverEnded m, Outbox out) {
    if (m.error() != null) {
      fail(m.error().message(), m.error().stack() == null ? "" : m.error().stack(), out);
      return;
    }
    try {
      end(JobState.JOB_STATE_SUCCEEDED, null, whole(m.result()), out);
    } catch (StoreException e) {
      fail("the driver's result cannot be read: " + e.getMessage(), "", out);
    }
  }

  /** A result that came as a blob is journaled itself, so that it lives as long as its job. */
  private Payload whole(Payload result) {
    return result != null && result.blob() != null && result.blob().bytes() <= MAX_RESULT_BYTES
        ? Payload.inline(blobs.read(result.blob()))
        : result;
  }

  void fail(String message, String stack, Outbox out) {
    Failure failure =
        Failure.newBuilder().setWhere("driver").setMessage(message).setStack(stack).build();
    end(JobState.JOB_STATE_FAILED, failure, null, out);
  }

  private void end(JobState state, Failure failure, Payload result, Outbox out) {
    results.flush(out);
    JobEnded.Builder ended = JobEnded.newBuilder().setState(state);
    if (failure != null) {
      ended.setFailure(failure);
    }
    if (result != null) {
      ended.setResult(Convert.payload(result));
    }
    Member driver = record.driver();
    boolean stopDriver = state != JobState.JOB_STATE_SUCCEEDED;
    out.journal(out.event().setEnded(ended));
    out.then(() -> release.all(driver, stopDriver, "the job has ended"));
  }

  /** Stops every lease; the job is cancelled when they have stopped. */
  void cancel(Collection<SchedulerCommand.Hold> holds, String reason) {
    holds.forEach(h -> stopping.add(h.leaseId()));
    stopBy = port.now() + STOP_DEADLINE_MILLIS;
    release.all(record.driver(), true, reason);
  }

  /** The work under a lease has stopped. */
  void onStopped(String leaseId, Outbox out) {
    if (stopping.remove(leaseId)) {
      endIfCancelled(out);
    }
  }

  void endIfCancelled(Outbox out) {
    boolean due = stopping.isEmpty() || port.now() > stopBy;
    if (record.cancel() != null && !record.isTerminal() && due) {
      out.journal(
          out.event()
              .setEnded(
                  JobEnded.newBuilder()
                      .setState(JobState.JOB_STATE_CANCELLED)
                      .setFailure(Failure.newBuilder().setMessage(record.cancel().getReason()))));
    }
  }
}
