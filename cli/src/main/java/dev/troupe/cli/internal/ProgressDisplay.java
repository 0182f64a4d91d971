package dev.troupe.cli.internal;

import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Shows how far a job is, on standard error: on a terminal one line a phase that is drawn again in
 * place, else a plain line now and then.
 */
public final class ProgressDisplay {

  private static final long PLAIN_EVERY_NANOS = Duration.ofSeconds(5).toNanos();
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream err;
  private final boolean live;
  private final int columns;
  private final Style style;
  private final LongSupplier nanoTime;

  private PhaseLine phase;
  private boolean lineOpen;
  private long lastPlain;
  private String lastWaiting = "";
  private JobState lastState = JobState.JOB_STATE_UNSPECIFIED;

  public ProgressDisplay(Io io) {
    this(io, System::nanoTime);
  }

  ProgressDisplay(Io io, LongSupplier nanoTime) {
    this.err = io.err();
    this.live = io.errIsTerminal();
    this.columns = live ? io.columns() : Integer.MAX_VALUE;
    this.style = io.errStyle();
    this.nanoTime = nanoTime;
  }

  /** Shows what has changed. */
  public synchronized void update(Job job) {
    showState(job);
    Progress progress = progress(job);
    if (!progress.getPhase().isEmpty()) {
      showProgress(progress);
    }
    if (Views.ended(job)) {
      end();
    }
    err.flush();
  }

  /** Writes a message between the lines of progress. */
  public synchronized void message(String text) {
    clear();
    err.println(text);
    err.flush();
  }

  /** Leaves the last line standing; nothing is drawn over it any more. */
  public synchronized void end() {
    if (phase != null) {
      clear();
      err.println(phase.over(nanoTime.getAsLong(), columns, style));
      phase = null;
    }
    err.flush();
  }

  private void showState(Job job) {
    String waiting = job.getPendingReason();
    if (!waiting.isEmpty() && !waiting.equals(lastWaiting)) {
      message(style.yellow("waiting: ") + waiting);
    }
    lastWaiting = waiting;
    if (job.getState() == JobState.JOB_STATE_CANCELLING && job.getState() != lastState) {
      message(style.yellow("cancelling"));
    }
    lastState = job.getState();
  }

  private void showProgress(Progress progress) {
    long now = nanoTime.getAsLong();
    boolean first = phase == null || !phase.phase().equals(progress.getPhase());
    if (first) {
      end();
      phase = new PhaseLine(progress.getPhase(), now);
    }
    phase.update(progress, now);
    if (live) {
      err.print(CLEAR_LINE + phase.running(true, columns, style));
      lineOpen = true;
    } else if (first || now - lastPlain >= PLAIN_EVERY_NANOS) {
      err.println(phase.running(false, columns, style));
      lastPlain = now;
    }
  }

  /** What the job reports; if it reports nothing, its tasks. */
  private static Progress progress(Job job) {
    if (job.hasProgress() && !job.getProgress().getPhase().isEmpty()) {
      return job.getProgress();
    } else if (job.getTasks().getSubmitted() > 0) {
      return Progress.newBuilder()
          .setPhase("tasks")
          .setDone(job.getTasks().getSucceeded())
          .setTotal(job.getTasks().getSubmitted())
          .build();
    }
    return Progress.getDefaultInstance();
  }

  private void clear() {
    if (lineOpen) {
      err.print(CLEAR_LINE);
      lineOpen = false;
    }
  }
}
