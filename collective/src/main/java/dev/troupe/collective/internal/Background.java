package dev.troupe.collective.internal;

import dev.troupe.core.Communicator.Pending;
import dev.troupe.core.GenerationEndedException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/**
 * Runs operations one after another on a thread of its own, which starts with the first. At most
 * {@link #LIMIT} wait; then submitting waits, too.
 */
final class Background {
  private static final int LIMIT = 1024;
  private static final Duration END = Duration.ofSeconds(10);

  private final String name;
  private final Fate fate;

  // Guarded by this; an operation leaves the queue when it is done.
  private final Deque<Job> queue = new ArrayDeque<>();
  private Thread thread;
  private boolean closed;

  Background(String name, Fate fate) {
    this.name = name;
    this.fate = fate;
  }

  /** One operation; done once {@code body} is null. */
  private final class Job implements Pending {
    private Runnable body;
    private RuntimeException failure;

    Job(Runnable body) {
      this.body = body;
    }

    @Override
    public void await() {
      synchronized (Background.this) {
        waitWhile(() -> body != null);
        if (failure instanceof GenerationEndedException) {
          fate.check(); // with the stack of whoever waits
        }
        if (failure != null) {
          throw failure;
        }
      }
    }
  }

  synchronized Pending submit(Runnable body) {
    waitWhile(() -> queue.size() >= LIMIT);
    if (closed) {
      fate.check();
      throw new IllegalStateException("the communicator is closed");
    }
    Job job = new Job(body);
    queue.add(job);
    if (thread == null) {
      thread = new Thread(this::run, name);
      thread.setDaemon(true);
      thread.start();
    }
    notifyAll();
    return job;
  }

  private synchronized void waitWhile(BooleanSupplier condition) {
    try {
      while (condition.getAsBoolean()) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fate.end(GenerationEndedException.NO_SUSPECT, "interrupted while waiting", e);
      fate.check();
    }
  }

  private void run() {
    Job job = next();
    while (job != null) {
      RuntimeException failure = null;
      try {
        job.body.run();
      } catch (RuntimeException e) {
        failure = e;
      }
      synchronized (this) {
        queue.remove();
        job.failure = failure;
        job.body = null;
        notifyAll();
      }
      job = next();
    }
  }

  private synchronized Job next() {
    while (queue.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        return null; // nobody interrupts this thread but the end of the process
      }
    }
    return queue.peek();
  }

  synchronized boolean busy() {
    return !queue.isEmpty();
  }

  /** Waits until all is done. */
  synchronized void drain() {
    waitWhile(() -> !queue.isEmpty());
  }

  /** Lets what is under way end; the generation should be over if there is any. */
  void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
      notifyAll();
    }
    if (running != null && running != Thread.currentThread()) {
      try {
        running.join(END.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
