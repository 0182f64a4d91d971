package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.ToJob.TaskEnd;
import dev.troupe.cluster.protocol.ToJob.TaskSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tasks of a job that have no result yet, and the leases that they run under.
 *
 * <p>Nothing here is journaled: a driver that is run again submits again, and what ran meanwhile is
 * taken up from what workers hold. Work goes straight to workers, several tasks to a lease: as many
 * as take about {@link #AHEAD_SECONDS}, so that short tasks stream and long ones wait here, where a
 * lease that comes later can take them.
 */
final class TaskBoard {

  /** Work sent ahead to a lease. */
  private static final double AHEAD_SECONDS = 0.1;

  /** Tasks sent ahead to a lease at the most. */
  private static final int MAX_AHEAD = 1024;

  /** Slots asked for at the most. */
  private static final int MAX_SLOTS = 1024;

  /** Weight of a new duration in the mean. */
  private static final double NEWEST_WEIGHT = 0.05;

  /** A lease without work is kept so long, for the next task. */
  private static final long LINGER_MILLIS = 1_000;

  /** Tasks of a lease that was silent so long are sent again, in case a message was lost. */
  private static final long RESEND_MILLIS = 20_000;

  /** What came of a submission. */
  enum Submitted {
    NEW,
    KNOWN,
    OTHER_INPUT
  }

  private final String workload;
  private final Settings settings;
  private final JobPort port;
  private final Map<String, OpenTask> open = new LinkedHashMap<>();
  private final Deque<OpenTask> queue = new ArrayDeque<>();
  private final List<OpenTask> delayed = new ArrayList<>();
  private final Map<String, TaskLease> leases = new LinkedHashMap<>();
  private double meanSeconds = -1;
  private long retried;
  private int told;

  /** Nothing is sent out before; never, until the first lease is known. */
  private long settledAt;

  /**
   * @param resumed whether workers may have tasks of before: they are given {@link Settings#settle}
   *     to tell, or what one of them runs would be sent to another
   */
  TaskBoard(String workload, boolean resumed, Settings settings, JobPort port) {
    this.workload = workload;
    this.settings = settings;
    this.port = port;
    this.settledAt = resumed ? Long.MAX_VALUE : port.now();
  }

  int open() {
    return open.size();
  }

  int running() {
    return leases.values().stream().mapToInt(h -> h.outstanding.isEmpty() ? 0 : 1).sum();
  }

  long retried() {
    return retried;
  }

  boolean knows(String leaseId) {
    return leases.containsKey(leaseId);
  }

  SchedulerCommand.Want want() {
    int n = Math.min(MAX_SLOTS, open.size());
    return n == 0 ? null : new SchedulerCommand.Want(Wants.TASKS, Lease.Kind.TASKS, 1, n);
  }

  List<SchedulerCommand.Hold> holds() {
    return leases.values().stream()
        .map(
            h ->
                new SchedulerCommand.Hold(
                    h.slot.leaseId(),
                    Wants.TASKS,
                    h.slot.lease().workerId(),
                    h.slot.lease().incarnation()))
        .toList();
  }

  /**
   * Takes a task in; {@link #dispatch} starts it, unless it runs already.
   *
   * @param begunUnder the lease under which its worker has begun it, or null. If this is not known
   *     here, it will be yet, or is over: then the worker's heartbeat learns of it, and the task
   *     has ended or is stopped before another runs it
   */
  Submitted submit(TaskSpec spec, String begunUnder) {
    OpenTask known = open.get(spec.key());
    if (known != null) {
      return known.spec.inputHash().equals(spec.inputHash())
          ? Submitted.KNOWN
          : Submitted.OTHER_INPUT;
    }
    OpenTask task = new OpenTask(spec);
    open.put(spec.key(), task);
    for (TaskLease held : leases.values()) {
      if (held.unknown.remove(spec.key())) {
        held.runs(task);
        return Submitted.NEW;
      }
    }
    if (begunUnder == null) {
      queue.addLast(task);
    } else if (leases.containsKey(begunUnder)) {
      begins(leases.get(begunUnder), task);
    } else {
      task.notBefore = port.now() + settings.leaseEndHeard().toMillis();
      task.begunUnder = begunUnder;
      delayed.add(task);
    }
    return Submitted.NEW;
  }

  private void begins(TaskLease held, OpenTask task) {
    held.runs(task);
    held.lastActive = port.now();
  }

  /** The lease is known from here on: what its worker had begun under it runs there. */
  private void takeUpBegun(TaskLease held) {
    for (Iterator<OpenTask> it = delayed.iterator(); it.hasNext(); ) {
      OpenTask task = it.next();
      if (held.slot.leaseId().equals(task.begunUnder)) {
        it.remove();
        begins(held, task);
      }
    }
  }

  void onGranted(List<Slot> granted) {
    granted.forEach(
        s -> takeUpBegun(leases.computeIfAbsent(s.leaseId(), l -> new TaskLease(s, port.now()))));
    settle();
    port.demandChanged();
    dispatch();
  }

  private void settle() {
    settledAt = Math.min(settledAt, port.now() + settings.settle().toMillis());
  }

  /** A worker tells of a lease of before this entity was restarted, and of the keys it has. */
  void onHeld(Slot slot, List<String> keys) {
    TaskLease held = leases.computeIfAbsent(slot.leaseId(), l -> new TaskLease(slot, port.now()));
    held.slot = slot;
    settle();
    for (String key : keys) {
      OpenTask task = open.get(key);
      if (task == null) {
        held.unknown.add(key);
      } else if (queue.remove(task) || delayed.remove(task)) {
        held.runs(task);
      }
    }
    takeUpBegun(held);
    port.demandChanged();
    dispatch();
  }

  /**
   * A task ended, on whatever lease.
   *
   * @return whether it was still open here
   */
  boolean onEnd(String leaseId, TaskEnd end) {
    if (end.seconds() >= 0 && end.error() == null) {
      meanSeconds =
          meanSeconds < 0
              ? end.seconds()
              : meanSeconds + NEWEST_WEIGHT * (end.seconds() - meanSeconds);
    }
    TaskLease held = leases.get(leaseId);
    if (held != null) {
      held.lastActive = port.now();
      held.outstanding.remove(end.key());
      held.unknown.remove(end.key());
    }
    OpenTask task = open.remove(end.key());
    if (task == null) {
      return false;
    }
    if (held == null) {
      // A result kept by a worker that has lost this lease: as good as any. Take the copy back.
      leases.values().forEach(h -> h.outstanding.remove(end.key()));
      queue.remove(task);
      delayed.remove(task);
    }
    return true;
  }

  /** Tasks come back unbegun. */
  void onReturned(String leaseId, List<String> keys) {
    TaskLease held = leases.get(leaseId);
    if (held == null) {
      return;
    }
    for (int i = keys.size() - 1; i >= 0; i--) {
      held.unknown.remove(keys.get(i));
      OpenTask task = held.outstanding.remove(keys.get(i));
      if (task != null) {
        queue.addFirst(task);
      }
    }
    held.leaving = true;
    dispatch();
  }

  void onLeaving(String leaseId) {
    TaskLease held = leases.get(leaseId);
    if (held != null) {
      held.leaving = true;
      tidy();
    }
  }

  /**
   * A worker is gone. The task at the head of its lease was running and has used up one try; those
   * behind it had not begun.
   *
   * @return tasks that have no try left, with the error that ends them
   */
  Map<TaskSpec, String> onLeaseLost(String leaseId) {
    TaskLease held = leases.remove(leaseId);
    if (held == null) {
      return Map.of();
    }
    Map<TaskSpec, String> failed = new LinkedHashMap<>();
    List<OpenTask> back = new ArrayList<>(held.outstanding.values());
    for (int i = back.size() - 1; i > 0; i--) {
      queue.addFirst(back.get(i));
    }
    if (!back.isEmpty()) {
      OpenTask head = back.get(0);
      if (head.attempt >= settings.taskAttempts()) {
        open.remove(head.spec.key());
        failed.put(
            head.spec,
            "worker lost " + head.attempt + " times, last " + held.slot.lease().workerId());
      } else {
        retried++;
        head.notBefore = port.now() + settings.backoff(head.attempt).toMillis();
        head.attempt++;
        delayed.add(head);
      }
    }
    port.demandChanged();
    dispatch();
    return failed;
  }

  void onTick() {
    long now = port.now();
    for (Iterator<OpenTask> it = delayed.iterator(); it.hasNext(); ) {
      OpenTask task = it.next();
      if (task.notBefore <= now && now >= settledAt) {
        it.remove();
        task.begunUnder = null;
        queue.addFirst(task);
      }
    }
    for (TaskLease held : leases.values()) {
      if (!held.outstanding.isEmpty() && now - held.lastActive > RESEND_MILLIS) {
        send(held, List.copyOf(held.outstanding.values()));
      }
    }
    dispatch();
  }

  /** Hands queued tasks to leases, the least loaded first, and gives back leases without work. */
  void dispatch() {
    if (!queue.isEmpty() && port.now() >= settledAt) {
      int ahead = ahead();
      List<TaskLease> ready =
          leases.values().stream()
              .filter(h -> !h.leaving && h.load() < ahead)
              .sorted(Comparator.comparingInt(TaskLease::load))
              .toList();
      int left = ready.size();
      for (TaskLease held : ready) {
        int share = Math.max(1, (queue.size() + left - 1) / left--);
        int room = Math.min(share, ahead - held.load());
        List<OpenTask> batch = new ArrayList<>();
        while (room-- > 0 && !queue.isEmpty()) {
          OpenTask task = queue.pollFirst();
          held.runs(task);
          batch.add(task);
        }
        send(held, batch);
      }
    }
    tidy();
    int wanted = Math.min(MAX_SLOTS, open.size());
    if ((wanted == 0) != (told == 0) || wanted > told || wanted < leases.size()) {
      if (wanted != told) {
        told = wanted;
        port.demandChanged();
      }
    }
  }

  /** Gives back leases without work at once, for something else of the job that wants slots. */
  void releaseIdle() {
    releaseIdleSince(port.now());
  }

  private void tidy() {
    releaseIdleSince(port.now() - LINGER_MILLIS - 1);
  }

  private void releaseIdleSince(long since) {
    for (Iterator<TaskLease> it = leases.values().iterator(); it.hasNext(); ) {
      TaskLease held = it.next();
      boolean idle = held.load() == 0;
      if (idle && (held.leaving || held.lastActive <= since)) {
        it.remove();
        port.release(held.slot.leaseId(), false, "no tasks left");
        port.demandChanged();
      }
    }
  }

  /** How many tasks a lease may have at a time. */
  private int ahead() {
    if (meanSeconds < 0 || meanSeconds > 0.2) {
      return 1;
    }
    return (int) Math.max(2, Math.min(MAX_AHEAD, AHEAD_SECONDS / Math.max(meanSeconds, 1e-6)));
  }

  private void send(TaskLease lease, List<OpenTask> tasks) {
    lease.lastActive = port.now();
    lease.batches(workload, tasks).forEach(batch -> port.send(lease.slot, batch));
  }

  void releaseAll(boolean stop, String reason) {
    leases.keySet().forEach(l -> port.release(l, stop, reason));
    leases.clear();
    open.clear();
    queue.clear();
    delayed.clear();
    port.demandChanged();
  }
}
