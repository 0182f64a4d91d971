package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.ErrorInfo;
import dev.troupe.cluster.protocol.FromCoordinator.RunTasks;
import dev.troupe.cluster.protocol.FromCoordinator.TaskRun;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Limits;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.ToJob.TaskEnd;
import dev.troupe.core.Json;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.MDC;

/**
 * One slot that runs tasks of a job, one after the other, on a thread of its own. Results gather in
 * a batch that leaves at once when nothing is left to run, else when it is full or {@link
 * #FLUSH_AFTER} old, so an empty queue costs no latency and a full one few messages.
 */
final class TaskRunner implements Work {

  private static final Duration FLUSH_AFTER = Duration.ofMillis(2);

  /** The outbox was full; it may not be by then. */
  private static final Duration RETRY_AFTER = Duration.ofMillis(100);

  /**
   * A task that waits for its turn.
   *
   * @param whenEnded told of its end once the job is; null if nobody here waits for it
   */
  private record Queued(String workload, TaskRun run, Consumer<TaskEnd> whenEnded) {}

  private final Services services;
  private final Lease lease;
  private final Thread thread;

  private final Deque<Queued> queue = new ArrayDeque<>();

  /** Queued, running, or ended and not yet journaled: what is sent again is not run again. */
  private final Set<String> keys = new LinkedHashSet<>();

  private List<TaskEnd> ends = new ArrayList<>();
  private int endBytes;
  private boolean flushScheduled;
  private boolean running;

  /** What ran last has ended, and its end is on its way into the outbox. */
  private boolean telling;

  private boolean draining;
  private volatile boolean stopped;

  private TaskRunner(Services services, Lease lease) {
    this.services = services;
    this.lease = lease;
    this.thread =
        WorkThread.start(
            "tasks-" + lease.jobId() + "-" + lease.leaseId(),
            Map.of("job", lease.jobId()),
            this::loop);
  }

  static TaskRunner start(Services services, Lease lease) {
    return new TaskRunner(services, lease);
  }

  /** Takes tasks behind those it has; what it has already is ignored. */
  synchronized void add(RunTasks message) {
    if (stopped) {
      return;
    }
    List<String> refused = new ArrayList<>();
    for (TaskRun run : message.tasks()) {
      String key = run.spec().key();
      if (draining && !keys.contains(key)) {
        refused.add(key);
      } else if (keys.add(key)) {
        queue.add(new Queued(message.workload(), run, null));
      }
    }
    giveBack(refused);
    notifyAll();
  }

  /**
   * Begins a task of the driver on this worker at once, if nothing else runs or waits here. The job
   * hears of the task, of its end, and of what the driver does with that end, in this order.
   *
   * @return whether it has begun; else it has to be submitted
   */
  synchronized boolean begin(
      String workload, int driverAttempt, ToJob.TaskSpec spec, Consumer<TaskEnd> whenEnded) {
    boolean idle = !running && queue.isEmpty() && ends.isEmpty();
    if (stopped || draining || !idle || !keys.add(spec.key())) {
      return false;
    }
    services
        .outbox()
        .force(
            lease.jobId(),
            new ToJob.SubmitTasks(driverAttempt, List.of(spec), lease.leaseId()),
            () -> {});
    queue.add(new Queued(workload, new TaskRun(spec, 1), whenEnded));
    notifyAll();
    return true;
  }

  @Override
  public Lease lease() {
    return lease;
  }

  @Override
  public synchronized FromWorker.Held held() {
    return new FromWorker.Held(
        lease.leaseId(), lease.jobId(), Lease.Kind.TASKS, List.copyOf(keys), 0);
  }

  @Override
  public synchronized boolean busy() {
    return running || telling || !queue.isEmpty() || !ends.isEmpty();
  }

  @Override
  public synchronized void drain() {
    draining = true;
    List<String> notBegun = queue.stream().map(queued -> queued.run().spec().key()).toList();
    queue.clear();
    notBegun.forEach(keys::remove);
    giveBack(notBegun);
  }

  @Override
  public synchronized void stop(String reason) {
    if (!stopped) {
      stopped = true;
      queue.clear();
      ends.clear();
      notifyAll();
      WorkThread.end(thread, services.timer(), () -> services.leases().remove(lease.leaseId()));
    }
  }

  private void giveBack(List<String> notBegun) {
    for (int from = 0; from < notBegun.size(); from += Limits.MAX_BATCH) {
      List<String> part =
          notBegun.subList(from, Math.min(from + Limits.MAX_BATCH, notBegun.size()));
      services
          .outbox()
          .force(
              lease.jobId(), new ToJob.TasksReturned(lease.leaseId(), List.copyOf(part)), () -> {});
    }
  }

  private void loop() {
    while (!stopped) {
      try {
        Queued next = next();
        if (next != null) {
          TaskEnd end = run(next);
          Thread.interrupted(); // a task may have left its interrupt behind
          if (next.whenEnded() == null) {
            finished(end);
          } else if (finishedHere(end)) {
            next.whenEnded().accept(end);
          }
        }
      } catch (InterruptedException e) {
        // Ours if we are stopped, which the loop sees; else some task's, of no meaning here.
      }
    }
    services.leases().remove(lease.leaseId());
  }

  /** The next task; null if there is none because the lease is over. */
  private synchronized Queued next() throws InterruptedException {
    while (queue.isEmpty() && !stopped) {
      wait();
    }
    running = !queue.isEmpty();
    return queue.poll();
  }

  private TaskEnd run(Queued queued) {
    ToJob.TaskSpec spec = queued.run().spec();
    int attempt = queued.run().attempt();
    long began = System.nanoTime();
    Payload result = null;
    ErrorInfo error = null;
    MDC.put("task", spec.key());
    try (Context context = new Context(services, lease.jobId(), queued.workload(), queued.run())) {
      result = call(queued.workload(), spec, context);
    } catch (Throwable e) { // an error of the task's, of whatever kind, fails the task alone
      error = Payloads.error(e);
    } finally {
      MDC.remove("task");
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    services.metrics().taskEnded(error == null, seconds);
    return new TaskEnd(spec.key(), attempt, result, error, seconds);
  }

  private Payload call(String workload, ToJob.TaskSpec spec, Context context) throws Exception {
    WorkloadCatalog.Entry entry = services.catalog().find(workload);
    if (entry == null) {
      throw new IllegalArgumentException("workload '" + workload + "' is not on this worker");
    }
    Thread.currentThread().setContextClassLoader(entry.loader());
    Class<? extends Task<?>> type = entry.taskClass(spec.className());
    Task<?> task = Json.read(Payloads.unpack(services.store(), spec.input()), type);
    return Payloads.pack(services.store(), Json.write(task.run(context)));
  }

  /**
   * Tells the job of the end of a task that the driver here waits for.
   *
   * @return false if the lease is over, and the task the job's to run again
   */
  private boolean finishedHere(TaskEnd end) throws InterruptedException {
    synchronized (this) {
      if (stopped) {
        return false;
      }
      // Idle before the job hears of it: the driver may hear from the job first, and go on.
      running = false;
      telling = true;
    }
    send(List.of(end), services.outbox()::putForGood);
    synchronized (this) {
      telling = false;
    }
    return true;
  }

  private void finished(TaskEnd end) throws InterruptedException {
    List<TaskEnd> full = null;
    synchronized (this) {
      running = false;
      if (stopped) {
        return;
      }
      int bytes = Sizes.of(end);
      if (endBytes + bytes > Limits.MAX_MESSAGE_BYTES) {
        full = takeEnds();
      }
      ends.add(end);
      endBytes += bytes;
    }
    if (full != null) {
      send(full, services.outbox()::put);
    }
    List<TaskEnd> due = null;
    synchronized (this) {
      if (queue.isEmpty() || ends.size() >= Limits.MAX_BATCH) {
        due = takeEnds();
      } else if (!flushScheduled) {
        flushScheduled = true;
        services.timer().after(FLUSH_AFTER, this::flushLate);
      }
    }
    if (due != null && !due.isEmpty()) {
      send(due, services.outbox()::put);
    }
  }

  /** On the timer: never waits. */
  private synchronized void flushLate() {
    flushScheduled = false;
    if (stopped || ends.isEmpty()) {
      return;
    }
    List<TaskEnd> batch = ends;
    if (services
        .outbox()
        .offer(
            lease.jobId(), new ToJob.TasksEnded(lease.leaseId(), batch), () -> delivered(batch))) {
      takeEnds();
    } else {
      flushScheduled = true;
      services.timer().after(RETRY_AFTER, this::flushLate);
    }
  }

  /** How a message goes into the outbox. */
  @FunctionalInterface
  private interface Way {
    void put(String jobId, ToJob message, Runnable onDelivered) throws InterruptedException;
  }

  private void send(List<TaskEnd> batch, Way way) throws InterruptedException {
    while (true) {
      try {
        way.put(
            lease.jobId(), new ToJob.TasksEnded(lease.leaseId(), batch), () -> delivered(batch));
        return;
      } catch (InterruptedException e) {
        if (stopped) {
          throw e;
        }
      }
    }
  }

  private synchronized void delivered(List<TaskEnd> batch) {
    batch.forEach(end -> keys.remove(end.key()));
  }

  private List<TaskEnd> takeEnds() {
    List<TaskEnd> taken = ends;
    ends = new ArrayList<>();
    endBytes = 0;
    return taken;
  }

  private static final class Context extends BaseContext implements TaskContext {

    private final TaskRun run;

    Context(Services services, String jobId, String workload, TaskRun run) {
      super(services, jobId, workload, run.spec().key());
      this.run = run;
    }

    @Override
    public String key() {
      return run.spec().key();
    }

    @Override
    public int attempt() {
      return run.attempt();
    }
  }
}
