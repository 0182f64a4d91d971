package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.Progress;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Thins out one source's progress: at most one note in {@link #EVERY}, the last one of each phase
 * always.
 */
final class ProgressNotes implements Progress {

  private static final Duration EVERY = Duration.ofMillis(200);

  private final Outbox outbox;
  private final Timer timer;
  private final String jobId;
  private final String source;
  private ToJob.Progressed pending;
  private boolean scheduled;
  private long sentAt = System.nanoTime() - EVERY.toNanos();

  ProgressNotes(Outbox outbox, Timer timer, String jobId, String source) {
    this.outbox = outbox;
    this.timer = timer;
    this.jobId = jobId;
    this.source = source;
  }

  @Override
  public synchronized void report(
      String phase, long done, long total, Map<String, Double> metrics) {
    if (pending != null && !pending.phase().equals(phase)) {
      flush();
    }
    pending =
        new ToJob.Progressed(
            source, phase, done, total, Collections.unmodifiableMap(new LinkedHashMap<>(metrics)));
    long wait = sentAt + EVERY.toNanos() - System.nanoTime();
    if (wait <= 0) {
      flush();
    } else if (!scheduled) {
      scheduled = true;
      timer.after(Duration.ofNanos(wait), this::flush);
    }
  }

  /** Sends the last one, if it was held back. */
  synchronized void flush() {
    scheduled = false;
    if (pending != null) {
      outbox.note(jobId, pending);
      pending = null;
      sentAt = System.nanoTime();
    }
  }
}
