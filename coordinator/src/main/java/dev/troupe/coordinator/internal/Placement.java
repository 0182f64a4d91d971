package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.Lease.Kind;
import java.util.ArrayList;
import java.util.Comparator;
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

  /** Holders named in a reason at the most. */
  private static final int NAMED_HOLDERS = 3;

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

  private static final Comparator<Request> ORDER =
      Comparator.comparingInt((Request r) -> -r.priority())
          .thenComparingLong(Request::created)
          .thenComparing(Request::jobId)
          .thenComparing(Request::id);

  private final Map<String, Node> nodes = new TreeMap<>();
  private final Map<String, Used> leases = new LinkedHashMap<>();
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
    List<Used> lost = leases.values().stream().filter(l -> l.workerId().equals(workerId)).toList();
    lost.forEach(l -> release(l.leaseId()));
    return lost;
  }

  /** Replaces all that a job wants. */
  void want(String jobId, List<Request> wanted) {
    requests.keySet().removeIf(k -> k.jobId().equals(jobId));
    wanted.forEach(r -> requests.put(r.key(), r));
    waitingSince.keySet().removeIf(k -> !requests.containsKey(k));
    avoided.keySet().removeIf(k -> !requests.containsKey(k));
  }

  /** Marks a slot as used: a grant that was carried out, or a lease that a worker told of. */
  void use(Used used) {
    leases.put(used.leaseId(), used);
  }

  void release(String leaseId) {
    leases.remove(leaseId);
    askedBack.remove(leaseId);
  }

  Used lease(String leaseId) {
    return leases.get(leaseId);
  }

  List<Used> leasesOf(String jobId) {
    return leases.values().stream().filter(l -> l.key().jobId().equals(jobId)).toList();
  }

  List<Used> leasesOn(String workerId) {
    return leases.values().stream().filter(l -> l.workerId().equals(workerId)).toList();
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
        leases.values().stream()
            .filter(l -> l.workerId().equals(workerId) && (l.kind() == Kind.DRIVER) == drivers)
            .count();
  }

  /**
   * Decides; the caller marks what it carries out with {@link #use}.
   *
   * @param now milliseconds, of any origin
   */
  Decision decide(long now) {
    return new Round(now).run();
  }

  /** One decision: what is free, what was given so far. */
  private final class Round {
    private final long now;
    private final Map<String, Integer> free = new TreeMap<>();
    private final Map<String, Integer> freeDrivers = new TreeMap<>();
    private final Map<String, Integer> reserved = new HashMap<>();
    private final Map<Key, Integer> held = new HashMap<>();
    private final Map<Key, Set<String>> where = new HashMap<>();
    private final List<Grant> grants = new ArrayList<>();
    private final Map<Key, String> reasons = new LinkedHashMap<>();
    private final List<Request> blocked = new ArrayList<>();
    private final List<Request> ordered = requests.values().stream().sorted(ORDER).toList();

    Round(long now) {
      this.now = now;
      for (Node node : nodes.values()) {
        free.put(node.workerId(), node.slots());
        freeDrivers.put(node.workerId(), node.driverSlots());
      }
      for (Used used : leases.values()) {
        pool(used.kind()).computeIfPresent(used.workerId(), (w, n) -> n - 1);
        held.merge(used.key(), 1, Integer::sum);
        where.computeIfAbsent(used.key(), k -> new HashSet<>()).add(used.workerId());
      }
    }

    Decision run() {
      ordered.forEach(this::serveFirst);
      boolean someWait = blocked.stream().anyMatch(r -> r.kind() != Kind.DRIVER);
      if (!someWait) {
        ordered.stream()
            .filter(r -> r.kind() == Kind.GANG && has(r) >= r.min())
            .forEach(this::grow);
      }
      lendToTasks();
      return new Decision(grants, giveBack(), reasons);
    }

    private void serveFirst(Request r) {
      int need = r.min() - has(r);
      if (need <= 0) {
        waitingSince.remove(r.key());
        return;
      }
      long since = waitingSince.computeIfAbsent(r.key(), k -> now);
      int usable = slotsFor(r);
      if (usable >= need) {
        give(r, r.kind() == Kind.GANG ? Math.min(r.max() - has(r), usable) : need);
        waitingSince.remove(r.key());
        return;
      }
      reasons.put(r.key(), reason(r, need));
      blocked.add(r);
      if (r.kind() == Kind.GANG && now - since >= RESERVE_AFTER_MILLIS && capacity(r) >= r.min()) {
        for (Node node : candidates(r)) {
          reserved.merge(node.workerId(), open(r, node), Integer::sum);
        }
      }
    }

    private void grow(Request r) {
      give(r, Math.min(r.max() - has(r), slotsFor(r)));
    }

    /** One slot at a time to the job that holds the fewest. */
    private void lendToTasks() {
      while (true) {
        Request next =
            ordered.stream()
                .filter(r -> r.kind() == Kind.TASKS && has(r) >= 1 && has(r) < r.max())
                .filter(r -> slotsFor(r) > 0)
                .min(Comparator.comparingInt(this::has))
                .orElse(null);
        if (next == null) {
          return;
        }
        give(next, 1);
      }
    }

    private List<String> giveBack() {
      int total = nodes.values().stream().mapToInt(Node::slots).sum();
      Set<String> jobs =
          ordered.stream()
              .filter(r -> r.kind() != Kind.DRIVER)
              .map(Request::jobId)
              .collect(Collectors.toSet());
      int share = Math.max(1, total / Math.max(1, jobs.size()));
      List<String> asked = new ArrayList<>();
      Map<String, Integer> lent = new HashMap<>();
      for (Used used : leases.values()) {
        if (used.kind() == Kind.TASKS && !askedBack.contains(used.leaseId())) {
          lent.merge(used.key().jobId(), 1, Integer::sum);
        }
      }
      for (Request r : ordered) {
        int lacks = lacks(r, share);
        long pending =
            askedBack.stream().map(leases::get).filter(u -> u != null && eligible(r, u)).count();
        boolean firm =
            r.kind() == Kind.GANG
                && now - waitingSince.getOrDefault(r.key(), now) >= RESERVE_AFTER_MILLIS;
        for (Used used : leases.values()) {
          if (lacks <= pending) {
            break;
          }
          int holds = lent.getOrDefault(used.key().jobId(), 0);
          if (used.kind() == Kind.TASKS
              && !used.key().jobId().equals(r.jobId())
              && !askedBack.contains(used.leaseId())
              && eligible(r, used)
              && (holds > share || (firm && mayYield(used, r)))) {
            asked.add(used.leaseId());
            askedBack.add(used.leaseId());
            lent.merge(used.key().jobId(), -1, Integer::sum);
            pending++;
          }
        }
      }
      return asked;
    }

    private boolean mayYield(Used used, Request to) {
      Request owner = requests.get(used.key());
      return owner == null || owner.priority() <= to.priority();
    }

    private boolean eligible(Request r, Used used) {
      Node node = nodes.get(used.workerId());
      return node != null && candidate(r, node);
    }

    private int lacks(Request r, int share) {
      if (r.kind() == Kind.DRIVER) {
        return 0;
      }
      if (r.kind() == Kind.TASKS) {
        return Math.max(0, Math.min(share, r.max()) - has(r));
      }
      return capacity(r) < r.min() ? 0 : Math.max(0, r.min() - has(r) - slotsFor(r));
    }

    /** Fills hosts that the request uses already, then the host with the most room. */
    private void give(Request r, int count) {
      Map<String, Integer> roomOfHost = new HashMap<>();
      List<Node> order = new ArrayList<>(candidates(r));
      for (Node node : order) {
        roomOfHost.merge(node.hostId(), open(r, node), Integer::sum);
      }
      Set<String> mine = where.getOrDefault(r.key(), Set.of());
      for (int i = 0; i < count; i++) {
        Comparator<Node> best =
            r.kind() == Kind.GANG
                ? Comparator.comparingInt((Node n) -> mine.contains(n.workerId()) ? 0 : 1)
                    .thenComparingInt(n -> -roomOfHost.getOrDefault(n.hostId(), 0))
                    .thenComparing(Node::hostId)
                    .thenComparing(Node::workerId)
                : Comparator.comparingInt((Node n) -> -open(r, n)).thenComparing(Node::workerId);
        Node node = order.stream().filter(n -> open(r, n) > 0).min(best).orElseThrow();
        pool(r.kind()).merge(node.workerId(), -1, Integer::sum);
        held.merge(r.key(), 1, Integer::sum);
        grants.add(new Grant(r, node.workerId()));
      }
    }

    private int has(Request r) {
      return held.getOrDefault(r.key(), 0);
    }

    private Map<String, Integer> pool(Kind kind) {
      return kind == Kind.DRIVER ? freeDrivers : free;
    }

    private int open(Request r, Node node) {
      int kept = r.kind() == Kind.DRIVER ? 0 : reserved.getOrDefault(node.workerId(), 0);
      return Math.max(0, pool(r.kind()).getOrDefault(node.workerId(), 0) - kept);
    }

    private int slotsFor(Request r) {
      int sum = 0;
      for (Node node : nodes.values()) {
        if (candidate(r, node)) {
          sum += open(r, node);
        }
      }
      return sum;
    }

    private List<Node> candidates(Request r) {
      return nodes.values().stream().filter(n -> candidate(r, n)).toList();
    }

    private boolean candidate(Request r, Node node) {
      return !node.draining()
          && node.workloads().contains(r.workload())
          && !avoided.getOrDefault(r.key(), Set.of()).contains(node.workerId());
    }

    private int capacity(Request r) {
      return nodes.values().stream()
          .filter(n -> !n.draining() && n.workloads().contains(r.workload()))
          .mapToInt(n -> r.kind() == Kind.DRIVER ? n.driverSlots() : n.slots())
          .sum();
    }

    /** The one true thing that a request waits for. */
    private String reason(Request r, int need) {
      if (nodes.isEmpty()) {
        return "no workers are connected";
      }
      List<Node> carriers =
          nodes.values().stream().filter(n -> n.workloads().contains(r.workload())).toList();
      if (carriers.isEmpty()) {
        return "no worker carries workload '" + r.workload() + "'";
      }
      if (carriers.stream().allMatch(Node::draining)) {
        return "every worker that carries workload '" + r.workload() + "' is draining";
      }
      int capacity = capacity(r);
      if (capacity < r.min()) {
        return r.kind() == Kind.GANG
            ? "gang wants at least " + r.min() + " workers; the cluster has " + capacity
            : "workers have no " + (r.kind() == Kind.DRIVER ? "driver slots" : "slots");
      }
      long ahead =
          blocked.stream()
              .filter(b -> (b.kind() == Kind.DRIVER) == (r.kind() == Kind.DRIVER))
              .map(Request::jobId)
              .filter(j -> !j.equals(r.jobId()))
              .distinct()
              .count();
      if (ahead > 0) {
        return ahead == 1 ? "1 job is ahead" : ahead + " jobs are ahead";
      }
      int open = slotsFor(r);
      String what =
          r.kind() == Kind.DRIVER
              ? "a driver slot"
              : need == 1 ? "a slot" : need + " slots together";
      return "needs "
          + what
          + "; "
          + open
          + " of "
          + capacity
          + (open == 1 ? " is" : " are")
          + " free"
          + holders(r);
    }

    private String holders(Request r) {
      List<String> names =
          leases.values().stream()
              .filter(l -> (l.kind() == Kind.DRIVER) == (r.kind() == Kind.DRIVER))
              .map(l -> l.workerId() + ": " + label(l))
              .distinct()
              .toList();
      if (names.isEmpty()) {
        return "";
      }
      int more = names.size() - NAMED_HOLDERS;
      return " ("
          + String.join(", ", names.subList(0, Math.min(NAMED_HOLDERS, names.size())))
          + (more > 0 ? " and " + more + " more" : "")
          + ")";
    }
  }

  /** What a lease is used for, for people: "job/key". */
  static String label(Used used) {
    String id = used.key().id();
    return used.key().jobId()
        + "/"
        + (id.startsWith(Wants.GANG) ? id.substring(Wants.GANG.length()) : id);
  }
}
