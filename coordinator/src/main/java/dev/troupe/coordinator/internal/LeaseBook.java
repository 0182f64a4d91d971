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

  /** A lease that its job has not named for so long is told again. */
  static final long REPEAT_MILLIS = 8_000;

  /** A lease that a job counts on, of before this scheduler was started. */
  record Expected(String jobId, SchedulerCommand.Hold hold, long since) {}

  private record Stop(String jobId, long deadline) {}

  private final Placement placement;
  private final Map<String, Lease> leases = new HashMap<>();
  private final Map<String, Long> namedAt = new HashMap<>();
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
    namedAt.put(lease.leaseId(), now);
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
    namedAt.remove(leaseId);
    stopping.remove(leaseId);
  }

  /** Its job says that it holds the lease. */
  void named(String leaseId, long now) {
    namedAt.replace(leaseId, now);
  }

  /**
   * Leases that their jobs should be told of once more, which counts as done: the grant was lost,
   * or the job has ended and its release was.
   */
  List<Lease> takeUnnamed(long now) {
    List<Lease> unnamed =
        leases.values().stream()
            .filter(l -> now - namedAt.get(l.leaseId()) > REPEAT_MILLIS)
            .filter(l -> !isStopping(l.leaseId()))
            .toList();
    unnamed.forEach(l -> namedAt.put(l.leaseId(), now));
    return unnamed;
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
