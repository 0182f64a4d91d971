package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Peer;
import dev.troupe.cluster.protocol.WorkerInfo;
import dev.troupe.proto.v1.Worker;
import dev.troupe.proto.v1.Workload;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;

/** The workers that are connected, and for a while those that were lost. */
final class WorkerRegistry {

  /** Lost workers and fenced incarnations remembered. */
  private static final int REMEMBERED = 1_000;

  /** Lost workers are listed for this long. */
  private static final long LOST_LISTED_MILLIS = 10 * 60_000;

  /** A worker is not asked to say Hello again before. */
  private static final long HELLO_AGAIN_MILLIS = 1_000;

  /** A worker that is connected. */
  static final class Member {
    final FromWorker.Hello hello;
    final long joined = System.currentTimeMillis();
    long lastBeat;
    long lastBeatWall = joined;
    boolean draining;
    private long helloAskedAt;

    Member(FromWorker.Hello hello, long now) {
      this.hello = hello;
      this.lastBeat = now;
      this.helloAskedAt = now;
      this.draining = hello.draining();
    }

    String id() {
      return info().workerId();
    }

    WorkerInfo info() {
      return hello.info();
    }

    Peer peer() {
      return new Peer(id(), info().host(), info().dataPort(), info().hostId());
    }

    void tell(FromCoordinator message) {
      hello.self().tell(message);
    }

    /** Has it say Hello once more, and with it what it holds; unless it has just done so. */
    void askHello(String coordinator, long now) {
      if (now - helloAskedAt > HELLO_AGAIN_MILLIS) {
        helloAskedAt = now;
        tell(new FromCoordinator.WhoAreYou(coordinator));
      }
    }

    boolean carries(String workload) {
      return info().workloads().stream().anyMatch(w -> w.name().equals(workload));
    }

    Placement.Node node() {
      return new Placement.Node(
          id(),
          info().hostId(),
          info().slots(),
          info().driverSlots(),
          info().workloads().stream()
              .map(WorkerInfo.WorkloadInfo::name)
              .collect(Collectors.toUnmodifiableSet()),
          draining);
    }
  }

  private final Map<String, Member> members = new TreeMap<>();
  private final Map<String, String> fenced = bounded();
  private final Map<String, Worker> lost = bounded();

  /** The connected worker of that name, of whatever incarnation; or null. */
  Member get(String workerId) {
    return members.get(workerId);
  }

  /** The same, if it is of that incarnation. */
  Member get(String workerId, String incarnation) {
    Member member = members.get(workerId);
    return member != null && member.info().incarnation().equals(incarnation) ? member : null;
  }

  Collection<Member> all() {
    return List.copyOf(members.values());
  }

  /**
   * Takes a worker in, or what it says anew of itself. One that drains goes on to do so.
   *
   * @return what is known of it now
   */
  Member add(FromWorker.Hello hello, long now) {
    Member member = new Member(hello, now);
    Member before = members.put(member.id(), member);
    member.draining |= before != null && before.draining;
    lost.remove(member.id());
    return member;
  }

  /**
   * It is given up: what this incarnation still says is refused from now on.
   *
   * @param last how it is listed from now on
   */
  void lose(Member member, Worker last, String why) {
    members.remove(member.id());
    fenced.put(member.info().incarnation(), why);
    lost.put(member.id(), last.toBuilder().setState("lost").build());
  }

  /** Why an incarnation was given up; null if it was not. */
  String fenced(String incarnation) {
    return fenced.get(incarnation);
  }

  /** All heartbeats were held up so long, through no fault of the workers. */
  void excuse(long millis) {
    members.values().forEach(m -> m.lastBeat += millis);
  }

  Map<String, Worker> lost() {
    long now = System.currentTimeMillis();
    lost.values().removeIf(w -> now - Times.toMillis(w.getLastHeartbeat()) > LOST_LISTED_MILLIS);
    return lost;
  }

  int slots() {
    return members.values().stream().mapToInt(m -> m.info().slots()).sum();
  }

  List<ActorRef<FromCoordinator>> carriers(String workload) {
    return members.values().stream()
        .filter(m -> m.carries(workload))
        .map(m -> m.hello.self())
        .toList();
  }

  /** By name, each as one of its carriers announces it. */
  Collection<Workload> workloads() {
    Map<String, Workload> byName = new TreeMap<>();
    for (Member member : members.values()) {
      for (WorkerInfo.WorkloadInfo w : member.info().workloads()) {
        Workload known = byName.get(w.name());
        byName.put(
            w.name(),
            Workload.newBuilder()
                .setName(w.name())
                .setSummary(w.summary())
                .setOptionsSchema(w.optionsSchema())
                .setWorkers(known == null ? 1 : known.getWorkers() + 1)
                .build());
      }
    }
    return byName.values();
  }

  private static <V> Map<String, V> bounded() {
    return new LinkedHashMap<>() {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > REMEMBERED;
      }
    };
  }
}
