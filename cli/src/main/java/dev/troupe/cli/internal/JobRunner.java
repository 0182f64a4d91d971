package dev.troupe.cli.internal;

import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.SubmitJobRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/**
 * Submits a job and stays with it to its end. The first Ctrl-C cancels the job and goes on waiting;
 * the second leaves at once.
 */
public final class JobRunner {

  private static final int STACK_LINES = 40;

  private final Client client;
  private final Io io;
  private final Duration patience;
  private final ProgressDisplay display;

  private volatile int interrupts;
  private volatile boolean submitted;

  public JobRunner(Client client, Io io, Duration patience) {
    this.client = client;
    this.io = io;
    this.patience = patience;
    this.display = new ProgressDisplay(io);
  }

  /**
   * Returns the job as it has ended.
   *
   * @throws StatusRuntimeException if it is refused, or the cluster is gone for longer than our
   *     patience
   */
  public Job run(SubmitJobRequest request) {
    io.signals().onInterrupt(() -> interrupted(request.getJobId()));
    try {
      Job job = client.jobs().submitJob(request);
      synchronized (this) {
        submitted = true;
      }
      if (interrupts > 0) {
        cancel(job.getId());
      }
      display.message(
          "Job "
              + io.errStyle().bold(job.getId())
              + (Views.ended(job) ? " was there before, and has " : " is ")
              + Views.state(job.getState())
              + ".");
      return JobWatch.follow(client, io, job.getId(), patience, display::update);
    } finally {
      display.end();
      io.signals().onInterrupt(null);
    }
  }

  /** The exit code for the job as it has ended; says on standard error why it is not 0. */
  public int conclude(Job job) {
    if (job.getState() == JobState.JOB_STATE_FAILED) {
      printFailure(io, job);
    } else if (job.getState() == JobState.JOB_STATE_CANCELLED) {
      io.message("Job " + job.getId() + " was cancelled.");
    }
    if (interrupts > 0) {
      return ExitCode.INTERRUPTED;
    }
    return job.getState() == JobState.JOB_STATE_SUCCEEDED ? ExitCode.DONE : ExitCode.FAILED;
  }

  /** Says why a job failed. */
  public static void printFailure(Io io, Job job) {
    io.message(
        io.errStyle().red("Job " + job.getId() + " failed")
            + ": "
            + Views.reason(job.getFailure()));
    String[] stack = job.getFailure().getStack().split("\n", -1);
    for (int i = 0; i < Math.min(stack.length, STACK_LINES); i++) {
      if (!stack[i].isBlank()) {
        io.message("  " + io.errStyle().dim(stack[i].stripTrailing()));
      }
    }
    if (stack.length > STACK_LINES) {
      io.message("  ... " + (stack.length - STACK_LINES) + " more lines");
    }
  }

  private void interrupted(String jobId) {
    boolean first;
    boolean cancelNow;
    synchronized (this) {
      first = interrupts == 0;
      interrupts++;
      cancelNow = submitted;
    }
    if (!first) {
      io.signals().exit(ExitCode.INTERRUPTED);
      return;
    }
    display.message("Cancelling job " + jobId + "; Ctrl-C again leaves at once.");
    if (cancelNow) {
      cancel(jobId);
    }
  }

  private void cancel(String jobId) {
    try {
      client
          .jobs()
          .cancelJob(
              CancelJobRequest.newBuilder().setJobId(jobId).setReason("Ctrl-C in run").build());
    } catch (StatusRuntimeException e) {
      display.message("Could not cancel: " + Errors.message(e, client.address()));
    }
  }
}
