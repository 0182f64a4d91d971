package dev.troupe.worker.internal;

import com.fasterxml.jackson.databind.JavaType;
import dev.troupe.cluster.protocol.FromCoordinator.Outcome;
import dev.troupe.cluster.protocol.Limits;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.Handle;
import dev.troupe.core.Json;
import dev.troupe.core.TaskFailedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A driver's submissions and their outcomes. Tasks gather in a batch that leaves when it is full,
 * when the driver waits for something, or a few milliseconds later. A task alone begins at once if
 * this worker has an idle slot of the job's. No more than {@link #MAX_UNFINISHED} submissions are
 * open: a driver that submits faster waits.
 */
final class Handles {

  static final int MAX_UNFINISHED = 10_000;

  /**
   * An awaited submission without an outcome is sent again after this: the entity answers at once
   * if it has one, so no lost message leaves a driver waiting for ever.
   */
  private static final long ASK_AGAIN_MILLIS = 15_000;

  private static final Duration FLUSH_AFTER = Duration.ofMillis(3);

  private final Services services;
  private final String jobId;
  private final String workload;
  private final int attempt;

  private final Map<String, HandleImpl<?>> byKey = new HashMap<>();
  private final Map<String, HandleImpl<?>> unfinished = new LinkedHashMap<>();
  private List<ToJob.TaskSpec> batch = new ArrayList<>();
  private int batchBytes;
  private boolean flushScheduled;
  private boolean stopped;

  Handles(Services services, String jobId, String workload, int attempt) {
    this.services = services;
    this.jobId = jobId;
    this.workload = workload;
    this.attempt = attempt;
  }

  /** Submits a task, or returns the handle of an equal submission before. */
  <R> Handle<R> submitTask(ToJob.TaskSpec spec, JavaType type) {
    return submit(
        spec.key(), spec.inputHash(), type, new ToJob.SubmitTasks(attempt, List.of(spec)));
  }

  /** Submits a gang, or returns the handle of an equal submission before. */
  <R> Handle<R> submitGang(ToJob.SubmitGang gang, JavaType type) {
    return submit(gang.key(), gang.inputHash(), type, gang);
  }

  @SuppressWarnings("unchecked") // an equal hash is an equal class, so an equal result type
  private <R> Handle<R> submit(String key, String hash, JavaType type, ToJob submission) {
    List<ToJob> due = new ArrayList<>();
    HandleImpl<R> handle;
    synchronized (this) {
      HandleImpl<?> known = byKey.get(key);
      if (known != null) {
        if (!known.hash.equals(hash)) {
          throw new IllegalArgumentException(
              "key '" + key + "' was submitted before with another input");
        }
        return (Handle<R>) known;
      }
      handle = new HandleImpl<>(key, hash, type, submission);
      byKey.put(key, handle);
      unfinished.put(key, handle);
      if (submission instanceof ToJob.SubmitTasks one) {
        gather(one.tasks().get(0), due);
      } else {
        takeBatch(due);
        due.add(submission);
      }
    }
    due.forEach(this::send);
    waitForRoom();
    return handle;
  }

  private void gather(ToJob.TaskSpec spec, List<ToJob> due) {
    int bytes = Sizes.of(spec);
    if (batchBytes + bytes > Limits.MAX_MESSAGE_BYTES) {
      takeBatch(due);
    }
    batch.add(spec);
    batchBytes += bytes;
    if (batch.size() >= Limits.MAX_BATCH) {
      takeBatch(due);
    } else if (!flushScheduled) {
      flushScheduled = true;
      services.timer().after(FLUSH_AFTER, this::flushLate);
    }
  }

  /** Outcomes from the entity; some may be known already. */
  synchronized void complete(List<Outcome> outcomes) {
    for (Outcome outcome : outcomes) {
      HandleImpl<?> handle = unfinished.remove(outcome.key());
      if (handle != null) {
        handle.outcome = outcome;
        handle.submission = null;
      }
    }
    notifyAll();
  }

  /** The entity may have forgotten: submits again what has no outcome yet. Never waits. */
  synchronized void submitAgain() {
    flush();
    List<ToJob.TaskSpec> specs = new ArrayList<>();
    int bytes = 0;
    for (HandleImpl<?> handle : unfinished.values()) {
      if (handle.submission instanceof ToJob.SubmitTasks one) {
        ToJob.TaskSpec spec = one.tasks().get(0);
        if (specs.size() >= Limits.MAX_BATCH || bytes + Sizes.of(spec) > Limits.MAX_MESSAGE_BYTES) {
          send(new ToJob.SubmitTasks(attempt, List.copyOf(specs)));
          specs.clear();
          bytes = 0;
        }
        specs.add(spec);
        bytes += Sizes.of(spec);
      } else {
        send(handle.submission);
      }
    }
    if (!specs.isEmpty()) {
      send(new ToJob.SubmitTasks(attempt, List.copyOf(specs)));
    }
  }

  /** Every wait ends with InterruptedException from now on. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  private void send(ToJob message) {
    // Bounded by MAX_UNFINISHED submissions of MAX_INLINE_BYTES.
    services.outbox().force(jobId, message, () -> {});
  }

  private void flush() {
    if (batch.size() == 1 && beginHere(batch.get(0))) {
      clearBatch();
      return;
    }
    List<ToJob> due = new ArrayList<>();
    takeBatch(due);
    due.forEach(this::send);
  }

  /**
   * Saves the way to the job and back. Not for a driver that is run again: what it submits may be
   * done, which the job knows.
   */
  private boolean beginHere(ToJob.TaskSpec spec) {
    return attempt == 1
        && services.leases().all(TaskRunner.class).stream()
            .filter(runner -> runner.lease().jobId().equals(jobId))
            .anyMatch(runner -> runner.begin(workload, attempt, spec, this::ended));
  }

  private void ended(ToJob.TaskEnd end) {
    complete(List.of(new Outcome(end.key(), end.result(), end.error())));
  }

  private synchronized void flushLate() {
    flushScheduled = false;
    if (!stopped) {
      flush();
    }
  }

  private void takeBatch(List<ToJob> into) {
    if (!batch.isEmpty()) {
      into.add(new ToJob.SubmitTasks(attempt, batch));
      clearBatch();
    }
  }

  private void clearBatch() {
    batch = new ArrayList<>();
    batchBytes = 0;
  }

  private synchronized void waitForRoom() {
    try {
      while (unfinished.size() > MAX_UNFINISHED && !stopped) {
        flush();
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the next get() throws
    }
  }

  private Outcome await(HandleImpl<?> handle) throws InterruptedException {
    awaitAny(List.of(handle));
    return handle.outcome;
  }

  /** Waits until one of these handles has an outcome; returns its place. */
  synchronized int awaitAny(List<? extends Handle<?>> handles) throws InterruptedException {
    flush();
    long askAgainAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ASK_AGAIN_MILLIS);
    while (true) {
      for (int i = 0; i < handles.size(); i++) {
        if (((HandleImpl<?>) handles.get(i)).outcome != null) {
          return i;
        }
      }
      if (stopped) {
        throw new InterruptedException("the driver was stopped");
      }
      wait(ASK_AGAIN_MILLIS);
      if (System.nanoTime() - askAgainAt >= 0) {
        for (Handle<?> handle : handles) {
          HandleImpl<?> awaited = (HandleImpl<?>) handle;
          if (awaited.outcome == null) {
            send(awaited.submission);
          }
        }
        askAgainAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ASK_AGAIN_MILLIS);
      }
    }
  }

  private final class HandleImpl<R> implements Handle<R> {

    private final String key;
    private final String hash;
    private final JavaType type;
    private ToJob submission;
    private Outcome outcome;
    private R value;
    private boolean decoded;

    HandleImpl(String key, String hash, JavaType type, ToJob submission) {
      this.key = key;
      this.hash = hash;
      this.type = type;
      this.submission = submission;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public boolean isDone() {
      synchronized (Handles.this) {
        return outcome != null;
      }
    }

    @Override
    @SuppressWarnings("unchecked") // the type that the task's class declares
    public R get() throws InterruptedException {
      if (decoded) {
        return value;
      }
      Outcome done = await(this);
      if (done.error() != null) {
        throw new TaskFailedException(key, done.error().message(), done.error().stack());
      }
      value = (R) Json.read(Payloads.unpack(services.store(), done.result()), type);
      decoded = true;
      return value;
    }
  }
}
