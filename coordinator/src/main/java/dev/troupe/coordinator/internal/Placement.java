package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.Lease.Kind;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides which request gets which slot. No actors, no clock: the {@link Scheduler} feeds it what
 * it learns and carries out what it decides.
 *
 * <p>The rules:
 *
 * <ul>
 *   <li>Requests are served by priority, then by the job's age.
 *   <li>A gang gets at least its minimum at once or nothing; what is free beyond, up to its
 *       maximum.
 *   <li>A request that cannot be served lets smaller ones pass (backfill) for {@link
 *       #RESERVE_AFTER_MILLIS}; from then on every free slot that it could use is kept for it, so
 *       that a large gang does not starve behind a stream of small jobs.
 *   <li>A gang that runs grows only while nobody waits for a first slot.
 *   <li>Slots for tasks are lent: when others wait, a job that holds more than its fair share
 *       (slots / jobs) is asked to give some back, and one with its fair share or less too, if the
 *       one that waits has waited long enough for a reservation.
 * </ul>
 */
final class Placement {

  /** A request that has waited for so long gets free slots reserved. */
  static final long RESERVE_AFTER_MILLIS = 10_000;

  /** What may run where. */
  record Node(
      String workerId,
      String hostId,
      int slots,
      int driverSlots,
      Set<String> workloads,
      boolean draining) {}

  /** A job's wish: between min and max slots of a kind, min of them together. */
  record Request(
      String jobId,
      String id,
      Kind kind,
      String workload,
      int priority,
      long created,
      int min,
      int max) {
    Key key() {
      return new Key(jobId, id);
    }
  }

  /** Names a request. */
  record Key(String jobId, String id) {}

  /** A slot in use. */
  record Used(String leaseId, Key key, Kind kind, String workerId) {}

  /** A slot given. */
  record Grant(Request request, String workerId) {}

  /**
   * @param giveBack task leases whose jobs should return them
   * @param reasons why a request has nothing yet
   */
  record Decision(List<Grant> grants, List<String> giveBack, Map<Key, String> reasons) {}

  private final Map<String, Node> nodes = new TreeMap<>();
  private final Map<String, Used> leases = new LinkedHashMap<>();
  private final Map<String, Map<String, Used>> leasesByWorker = new HashMap<>();
  private final Map<Key, Request> requests = new HashMap<>();
  private final Map<Key, Long> waitingSince = new HashMap<>();
  private final Map<Key, Set<String>> avoided = new HashMap<>();
  private final Set<String> askedBack = new HashSet<>();

  void node(Node node) {
    nodes.put(node.workerId(), node);
  }

  /** Removes a worker and what it holds, which is returned. */
  List<Used> removeNode(String workerId) {
    nodes.remove(workerId);
    trust(workerId);
    List<Used> lost = leasesOn(workerId);
    lost.forEach(l -> release(l.leaseId()));
    return lost;
  }

  /**
   * Replaces all that a job wants.
   *
   * @return whether that is anything new
   */
  boolean want(String jobId, List<Request> wanted) {
    Set<Key> keys = wanted.stream().map(Request::key).collect(Collectors.toSet());
    boolean changed = requests.keySet().removeIf(k -> k.jobId().equals(jobId) && !keys.contains(k));
    for (Request r : wanted) {
      changed |= !r.equals(requests.put(r.key(), r));
    }
    waitingSince.keySet().removeIf(k -> !requests.containsKey(k));
    avoided.keySet().removeIf(k -> !requests.containsKey(k));
    return changed;
  }

  /** Marks a slot as used: a grant that was carried out, or a lease that a worker told of. */
  void use(Used used) {
    release(used.leaseId());
    leases.put(used.leaseId(), used);
    leasesByWorker
        .computeIfAbsent(used.workerId(), w -> new LinkedHashMap<>())
        .put(used.leaseId(), used);
  }

  void release(String leaseId) {
    Used used = leases.remove(leaseId);
    askedBack.remove(leaseId);
    if (used != null) {
      Map<String, Used> others = leasesByWorker.get(used.workerId());
      others.remove(leaseId);
      if (others.isEmpty()) {
        leasesByWorker.remove(used.workerId());
      }
    }
  }

  Used lease(String leaseId) {
    return leases.get(leaseId);
  }

  List<Used> leasesOf(String jobId) {
    return leases.values().stream().filter(l -> l.key().jobId().equals(jobId)).toList();
  }

  List<Used> leasesOn(String workerId) {
    return List.copyOf(leasesByWorker.getOrDefault(workerId, Map.of()).values());
  }

  /** Gives the request no slot of this worker until it is trusted again. */
  void avoid(Key key, String workerId) {
    avoided.computeIfAbsent(key, k -> new HashSet<>()).add(workerId);
  }

  void trust(String workerId) {
    avoided.values().forEach(s -> s.remove(workerId));
    avoided.values().removeIf(Set::isEmpty);
  }

  boolean isAvoided(String workerId) {
    return avoided.values().stream().anyMatch(s -> s.contains(workerId));
  }

  int used(String workerId, boolean drivers) {
    return (int)
        leasesOn(workerId).stream().filter(l -> (l.kind() == Kind.DRIVER) == drivers).count();
  }

  /**
   * Decides; the caller marks what it carries out with {@link #use}.
   *
   * @param now milliseconds, of any origin
   */
  Decision decide(long now) {
    return new PlacementRound(this, now).decide();
  }

  // --- for a round

  Collection<Node> nodes() {
    return nodes.values();
  }

  Collection<Used> leases() {
    return leases.values();
  }

  Collection<Request> requests() {
    return requests.values();
  }

  /** Since when a request waits; from now on if it did not. */
  long waitsSince(Key key, long now) {
    return waitingSince.computeIfAbsent(key, k -> now);
  }

  void waitsNoMore(Key key) {
    waitingSince.remove(key);
  }

  /** Whether a worker may serve a request. */
  boolean isCandidate(Request r, Node node) {
    return !node.draining()
        && node.workloads().contains(r.workload())
        && !avoided.getOrDefault(r.key(), Set.of()).contains(node.workerId());
  }

  /** The slots that there are for a request, free or not. */
  int capacity(Request r) {
    return nodes.values().stream()
        .filter(n -> !n.draining() && n.workloads().contains(r.workload()))
        .mapToInt(n -> r.kind() == Kind.DRIVER ? n.driverSlots() : n.slots())
        .sum();
  }

  boolean isAskedBack(String leaseId) {
    return askedBack.contains(leaseId);
  }

  void askBack(String leaseId) {
    askedBack.add(leaseId);
  }

  List<Used> askedBack() {
    return askedBack.stream().map(leases::get).toList();
  }

  /** Whether the job that holds a slot is of no higher priority. */
  boolean mayYield(Used used, Request to) {
    Request owner = requests.get(used.key());
    return owner == null || owner.priority() <= to.priority();
  }

  /** What a lease is used for, for people: "job/key". */
  static String label(Used used) {
    String id = used.key().id();
    return used.key().jobId()
        + "/"
        + (id.startsWith(Wants.GANG) ? id.substring(Wants.GANG.length()) : id);
  }
}
