package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.Progress;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Thins out one source's progress: at most one note in {@link #EVERY}, the last one of each phase
 * always. What is sent also shows in the worker's metrics.
 */
final class ProgressNotes implements Progress {

  private static final Duration EVERY = Duration.ofMillis(200);

  private final Outbox outbox;
  private final WorkerMetrics metrics;
  private final Timer timer;
  private final String workload;
  private final String jobId;
  private final String source;
  private ToJob.Progressed pending;
  private boolean scheduled;
  private long sentAt = System.nanoTime() - EVERY.toNanos();

  ProgressNotes(Services services, String jobId, String workload, String source) {
    this.outbox = services.outbox();
    this.metrics = services.metrics();
    this.timer = services.timer();
    this.workload = workload;
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
      metrics.progressed(workload, pending.phase(), pending.metrics());
      pending = null;
      sentAt = System.nanoTime();
    }
  }
}
