package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.Lease.Kind;
import dev.troupe.coordinator.internal.Placement.Decision;
import dev.troupe.coordinator.internal.Placement.Grant;
import dev.troupe.coordinator.internal.Placement.Node;
import dev.troupe.coordinator.internal.Placement.Request;
import dev.troupe.coordinator.internal.Placement.Used;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** One decision of {@link Placement}: what is free, what was given so far. */
final class PlacementRound {

  /** What is free on a worker. */
  private static final class Room {
    final Node node;
    int slots;
    int driverSlots;

    /** Free slots that are kept for a request that has waited long. */
    int reserved;

    Room(Node node) {
      this.node = node;
      this.slots = node.slots();
      this.driverSlots = node.driverSlots();
    }

    int open(Kind kind) {
      return Math.max(0, kind == Kind.DRIVER ? driverSlots : slots - reserved);
    }

    void take(Kind kind) {
      if (kind == Kind.DRIVER) {
        driverSlots--;
      } else {
        slots--;
      }
    }
  }

  private static final Comparator<Request> ORDER =
      Comparator.comparingInt((Request r) -> -r.priority())
          .thenComparingLong(Request::created)
          .thenComparing(Request::jobId)
          .thenComparing(Request::id);

  private final Placement state;
  private final long now;
  private final Map<String, Room> rooms = new LinkedHashMap<>();
  private final Map<Placement.Key, Integer> held = new HashMap<>();
  private final Map<Placement.Key, Set<String>> where = new HashMap<>();
  private final List<Request> ordered;
  private final List<Request> blocked = new ArrayList<>();
  private final List<Grant> grants = new ArrayList<>();
  private final Map<Placement.Key, String> reasons = new LinkedHashMap<>();

  PlacementRound(Placement state, long now) {
    this.state = state;
    this.now = now;
    this.ordered = state.requests().stream().sorted(ORDER).toList();
    state.nodes().forEach(node -> rooms.put(node.workerId(), new Room(node)));
    for (Used used : state.leases()) {
      Room room = rooms.get(used.workerId());
      if (room != null) {
        room.take(used.kind());
      }
      held.merge(used.key(), 1, Integer::sum);
      where.computeIfAbsent(used.key(), k -> new HashSet<>()).add(used.workerId());
    }
  }

  Decision decide() {
    ordered.forEach(this::serveFirst);
    boolean someWait = blocked.stream().anyMatch(r -> r.kind() != Kind.DRIVER);
    if (!someWait) {
      ordered.stream().filter(r -> r.kind() == Kind.GANG && has(r) >= r.min()).forEach(this::grow);
    }
    lendToTasks();
    return new Decision(grants, giveBack(), reasons);
  }

  private void serveFirst(Request r) {
    int need = r.min() - has(r);
    if (need <= 0) {
      state.waitsNoMore(r.key());
      return;
    }
    long waited = now - state.waitsSince(r.key(), now);
    int usable = openFor(r);
    if (usable >= need) {
      give(r, r.kind() == Kind.GANG ? Math.min(r.max() - has(r), usable) : need);
      state.waitsNoMore(r.key());
      return;
    }
    reasons.put(r.key(), new WaitReason(state, blocked).of(r, need, usable));
    blocked.add(r);
    boolean overdue = waited >= Placement.RESERVE_AFTER_MILLIS;
    if (r.kind() == Kind.GANG && overdue && state.capacity(r) >= r.min()) {
      candidates(r).forEach(room -> room.reserved += room.open(r.kind()));
    }
  }

  private void grow(Request r) {
    give(r, Math.min(r.max() - has(r), openFor(r)));
  }

  /** One slot at a time to the job that holds the fewest. What is free only shrinks meanwhile. */
  private void lendToTasks() {
    List<Request> wanting =
        new ArrayList<>(
            ordered.stream().filter(r -> r.kind() == Kind.TASKS && has(r) >= 1).toList());
    while (!wanting.isEmpty()) {
      Request next = wanting.stream().min(Comparator.comparingInt(this::has)).orElseThrow();
      if (has(next) >= next.max() || openFor(next) == 0) {
        wanting.remove(next);
      } else {
        give(next, 1);
      }
    }
  }

  private List<String> giveBack() {
    int total = rooms.values().stream().mapToInt(room -> room.node.slots()).sum();
    Set<String> jobs =
        ordered.stream()
            .filter(r -> r.kind() != Kind.DRIVER)
            .map(Request::jobId)
            .collect(Collectors.toSet());
    int share = Math.max(1, total / Math.max(1, jobs.size()));
    Map<String, Integer> lent = new HashMap<>();
    for (Used used : state.leases()) {
      if (used.kind() == Kind.TASKS && !state.isAskedBack(used.leaseId())) {
        lent.merge(used.key().jobId(), 1, Integer::sum);
      }
    }
    List<String> asked = new ArrayList<>();
    for (Request r : ordered) {
      int lacks = lacks(r, share);
      if (lacks > 0) {
        askBack(r, lacks, share, lent, asked);
      }
    }
    return asked;
  }

  private void askBack(
      Request r, int lacks, int share, Map<String, Integer> lent, List<String> asked) {
    long pending = state.askedBack().stream().filter(used -> eligible(r, used)).count();
    boolean firm =
        r.kind() == Kind.GANG
            && now - state.waitsSince(r.key(), now) >= Placement.RESERVE_AFTER_MILLIS;
    for (Used used : state.leases()) {
      if (lacks <= pending) {
        return;
      }
      int holds = lent.getOrDefault(used.key().jobId(), 0);
      if (used.kind() == Kind.TASKS
          && !used.key().jobId().equals(r.jobId())
          && !state.isAskedBack(used.leaseId())
          && eligible(r, used)
          && (holds > share || (firm && state.mayYield(used, r)))) {
        asked.add(used.leaseId());
        state.askBack(used.leaseId());
        lent.merge(used.key().jobId(), -1, Integer::sum);
        pending++;
      }
    }
  }

  private boolean eligible(Request r, Used used) {
    Room room = rooms.get(used.workerId());
    return room != null && state.isCandidate(r, room.node);
  }

  private int lacks(Request r, int share) {
    return switch (r.kind()) {
      case DRIVER -> 0;
      case TASKS -> Math.max(0, Math.min(share, r.max()) - has(r));
      case GANG -> state.capacity(r) < r.min() ? 0 : Math.max(0, r.min() - has(r) - openFor(r));
    };
  }

  /** A gang fills hosts that it uses already, then the host with the most room. */
  private void give(Request r, int count) {
    if (count <= 0) {
      return;
    }
    List<Room> order = candidates(r);
    Comparator<Room> best = r.kind() == Kind.GANG ? together(r, order) : apart(r);
    for (int i = 0; i < count; i++) {
      Room room = order.stream().filter(c -> c.open(r.kind()) > 0).min(best).orElseThrow();
      room.take(r.kind());
      held.merge(r.key(), 1, Integer::sum);
      grants.add(new Grant(r, room.node.workerId()));
    }
  }

  private Comparator<Room> together(Request r, List<Room> order) {
    Map<String, Integer> roomOfHost = new HashMap<>();
    order.forEach(c -> roomOfHost.merge(c.node.hostId(), c.open(r.kind()), Integer::sum));
    Set<String> mine = where.getOrDefault(r.key(), Set.of());
    return Comparator.comparingInt((Room c) -> mine.contains(c.node.workerId()) ? 0 : 1)
        .thenComparingInt(c -> -roomOfHost.getOrDefault(c.node.hostId(), 0))
        .thenComparing(c -> c.node.hostId())
        .thenComparing(c -> c.node.workerId());
  }

  /** Tasks begin beside their driver, from where they are quickest to reach, and then spread. */
  private Comparator<Room> apart(Request r) {
    Set<String> driver =
        r.kind() == Kind.TASKS && has(r) == 0
            ? where.getOrDefault(new Placement.Key(r.jobId(), Wants.DRIVER), Set.of())
            : Set.of();
    return Comparator.comparingInt((Room c) -> driver.contains(c.node.workerId()) ? 0 : 1)
        .thenComparingInt(c -> -c.open(r.kind()))
        .thenComparing(c -> c.node.workerId());
  }

  private int has(Request r) {
    return held.getOrDefault(r.key(), 0);
  }

  private int openFor(Request r) {
    return candidates(r).stream().mapToInt(room -> room.open(r.kind())).sum();
  }

  private List<Room> candidates(Request r) {
    return rooms.values().stream().filter(room -> state.isCandidate(r, room.node)).toList();
  }
}
