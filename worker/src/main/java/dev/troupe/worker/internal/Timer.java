package dev.troupe.worker.internal;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs short actions later. They must not wait: all parts of a worker share two threads. */
public final class Timer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Timer.class);
  private static final int THREADS = 2;

  private final ScheduledThreadPoolExecutor pool =
      new ScheduledThreadPoolExecutor(
          THREADS,
          body -> {
            Thread thread = new Thread(body, "worker-timer");
            thread.setDaemon(true);
            return thread;
          },
          (body, closed) -> {
            // the worker has ended
          });

  /** Runs it once. */
  void after(Duration delay, Runnable action) {
    var unused = pool.schedule(() -> guard(action), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Runs it again and again. */
  public void every(Duration delay, Runnable action) {
    var unused =
        pool.scheduleWithFixedDelay(
            () -> guard(action), delay.toNanos(), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }

  /** An error would end a repeated action without a word. */
  private static void guard(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.error("a timed action failed", e);
    }
  }
}
