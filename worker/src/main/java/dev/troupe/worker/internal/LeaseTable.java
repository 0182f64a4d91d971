package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.Lease;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The leases that this worker holds and their work. A lease that was stopped stays stopped: a late
 * or repeated message cannot begin its work again.
 */
public final class LeaseTable {

  /** Stopped leases remembered; the oldest are forgotten. */
  private static final int REMEMBERED = 10_000;

  private final Map<String, Work> held = new LinkedHashMap<>();
  private final Map<String, Boolean> over =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  synchronized Optional<Work> find(String leaseId) {
    return Optional.ofNullable(held.get(leaseId));
  }

  /** The work under a lease, begun if it is new; empty if the lease is over or of another kind. */
  synchronized <W extends Work> Optional<W> findOrAdd(
      Lease lease, Class<W> kind, Function<Lease, W> begin) {
    if (over.containsKey(lease.leaseId())) {
      return Optional.empty();
    }
    Work work = held.computeIfAbsent(lease.leaseId(), id -> begin.apply(lease));
    return kind.isInstance(work) ? Optional.of(kind.cast(work)) : Optional.empty();
  }

  /**
   * No new work under this lease; what runs is held until its thread has ended.
   *
   * @return false if it was over already
   */
  synchronized boolean end(String leaseId) {
    return over.put(leaseId, true) == null;
  }

  /** The lease is over and nothing of it runs. */
  synchronized void remove(String leaseId) {
    over.put(leaseId, true);
    held.remove(leaseId);
  }

  /** All work that is not over. */
  synchronized List<Work> active() {
    return held.values().stream()
        .filter(work -> !over.containsKey(work.lease().leaseId()))
        .toList();
  }

  /** All work, with what is over and still runs. */
  synchronized List<Work> all() {
    return List.copyOf(held.values());
  }

  synchronized <T extends Work> List<T> all(Class<T> kind) {
    Collection<Work> works = held.values();
    return works.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  synchronized int count(Class<? extends Work> kind) {
    return (int) held.values().stream().filter(kind::isInstance).count();
  }
}
