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
  private static final String WAITING = "waiting: ";
  private static final String CLEAR_LINE = "\r\u001b[K";

  /** Every job waits like that for some milliseconds; what holds it up is said after them. */
  private static final String BEING_PLACED = "the scheduler looks for ";

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

  /** Shows what has changed. Of a job that had ended before it was looked at, nothing. */
  public synchronized void update(Job job) {
    boolean overBefore =
        Views.ended(job) && lastState == JobState.JOB_STATE_UNSPECIFIED && phase == null;
    showState(job);
    Progress progress = progress(job);
    if (!progress.getPhase().isEmpty() && !overBefore) {
      showProgress(progress, Views.ended(job));
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
    showWaiting(job.getPendingReason());
    if (job.getState() == JobState.JOB_STATE_CANCELLING && job.getState() != lastState) {
      message(style.yellow("cancelling"));
    }
    lastState = job.getState();
  }

  private void showWaiting(String reason) {
    if (reason.startsWith(BEING_PLACED) || reason.equals(lastWaiting)) {
      return;
    }
    long now = nanoTime.getAsLong();
    boolean first = lastWaiting.isEmpty();
    lastWaiting = reason;
    if (reason.isEmpty()) {
      clear();
    } else if (live && phase == null) {
      int room = Math.max(0, columns - 1 - WAITING.length());
      err.print(
          CLEAR_LINE
              + style.yellow(WAITING)
              + reason.substring(0, Math.min(room, reason.length())));
      lineOpen = true;
    } else if (live) {
      message(style.yellow(WAITING) + reason); // progress is drawn over where it was
    } else if (first || now - lastPlain >= PLAIN_EVERY_NANOS) {
      err.println(WAITING + reason);
      lastPlain = now;
    }
  }

  private void showProgress(Progress progress, boolean over) {
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
    } else if (!over && !complete(progress) && (first || now - lastPlain >= PLAIN_EVERY_NANOS)) {
      err.println(phase.running(false, columns, style));
      lastPlain = now;
    }
  }

  /** The line that stays is about to follow. */
  private static boolean complete(Progress progress) {
    return progress.getTotal() > 0 && progress.getDone() >= progress.getTotal();
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
