package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.Lease;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The leases that there are: given and not over, to be stopped, or expected because a job counts on
 * them and their worker has yet to register. Each lease in it is a slot in use of {@link
 * Placement}.
 */
final class LeaseBook {

  /** A lease that its worker does not give up by then is counted as free. */
  static final long STOP_DEADLINE_MILLIS = 10_000;

  /** A grant that the job does not name by then is told again. */
  static final long GRANT_REPEAT_MILLIS = 5_000;

  /** A lease that a job counts on, of before this scheduler was started. */
  record Expected(String jobId, SchedulerCommand.Hold hold, long since) {}

  private record Stop(String jobId, long deadline) {}

  private final Placement placement;
  private final Map<String, Lease> leases = new HashMap<>();
  private final Map<String, Long> grantedAt = new HashMap<>();
  private final Map<String, Stop> stopping = new HashMap<>();
  private final Map<String, Expected> expected = new LinkedHashMap<>();

  LeaseBook(Placement placement) {
    this.placement = placement;
  }

  Lease get(String leaseId) {
    return leases.get(leaseId);
  }

  /** Slots in use for tasks and ranks. */
  int workSlots() {
    return (int) leases.values().stream().filter(l -> l.kind() != Lease.Kind.DRIVER).count();
  }

  /** A lease that was given, or that a worker tells of. */
  void use(Lease lease, String request, long now) {
    leases.put(lease.leaseId(), lease);
    grantedAt.put(lease.leaseId(), now);
    expected.remove(lease.leaseId());
    placement.use(
        new Placement.Used(
            lease.leaseId(),
            new Placement.Key(lease.jobId(), request),
            lease.kind(),
            lease.workerId()));
  }

  /** The lease is over and its slot free. */
  void forget(String leaseId) {
    placement.release(leaseId);
    leases.remove(leaseId);
    grantedAt.remove(leaseId);
    stopping.remove(leaseId);
  }

  /** Whether the job should be told of the lease (once) more; if so, that counts as done. */
  boolean isGrantDue(String leaseId, long now) {
    if (isStopping(leaseId) || now - grantedAt.getOrDefault(leaseId, now) <= GRANT_REPEAT_MILLIS) {
      return false;
    }
    grantedAt.put(leaseId, now);
    return true;
  }

  // --- to be stopped

  void stop(String leaseId, String jobId, long now) {
    stopping.putIfAbsent(leaseId, new Stop(jobId, now + STOP_DEADLINE_MILLIS));
  }

  boolean isStopping(String leaseId) {
    return stopping.containsKey(leaseId);
  }

  boolean isAnyStopping() {
    return !stopping.isEmpty();
  }

  /** The job that a lease is stopped for; null if it is not to be stopped. */
  String stoppedFor(String leaseId) {
    Stop stop = stopping.get(leaseId);
    return stop == null ? null : stop.jobId();
  }

  List<String> overdueStops(long now) {
    return stopping.entrySet().stream()
        .filter(e -> now > e.getValue().deadline())
        .map(Map.Entry::getKey)
        .toList();
  }

  // --- expected

  void expect(String jobId, SchedulerCommand.Hold hold, long now) {
    expected.putIfAbsent(hold.leaseId(), new Expected(jobId, hold, now));
  }

  void expectNoMore(String leaseId) {
    expected.remove(leaseId);
  }

  /** Removes and returns those for which the condition holds. */
  List<Expected> takeExpected(Predicate<Expected> condition) {
    List<Expected> taken = new ArrayList<>();
    for (Iterator<Expected> it = expected.values().iterator(); it.hasNext(); ) {
      Expected e = it.next();
      if (condition.test(e)) {
        it.remove();
        taken.add(e);
      }
    }
    return taken;
  }
}
