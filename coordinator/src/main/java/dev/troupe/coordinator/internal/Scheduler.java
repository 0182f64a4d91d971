package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Peer;
import dev.troupe.cluster.protocol.WorkerInfo;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.ListWorkloadsResponse;
import dev.troupe.proto.v1.Worker;
import dev.troupe.proto.v1.Workload;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Knows the workers and lends their slots: a cluster singleton with soft state. After a restart it
 * learns from workers ({@link FromWorker.Hello}) what they hold and from jobs ({@link Demand}, sent
 * again every few seconds) what they want and hold. {@link Placement} makes the decisions.
 */
final class Scheduler extends AbstractBehavior<Scheduler.Command> {

  sealed interface Command extends CborMessage {}

  record WorkerHello(FromWorker.Hello hello) implements Command {}

  record WorkerBeat(FromWorker.Heartbeat beat) implements Command {}

  record WorkerDraining(String workerId, String incarnation) implements Command {}

  record WorkerGone(String workerId, String incarnation) implements Command {}

  /** All that a job wants and holds now; replaces what it said before. */
  record Demand(
      String jobId, String workload, int priority, long created, List<Want> wants, List<Hold> holds)
      implements Command {}

  /** Between min and max slots, min of them together. */
  record Want(String request, Lease.Kind kind, int min, int max) {}

  /** A lease that the job counts on. */
  record Hold(String leaseId, String request, String workerId, String incarnation) {}

  /**
   * The job needs a lease no more.
   *
   * @param stop work may run under it: the slot is free, and the job told so, when the worker names
   *     the lease no more
   */
  record Release(String jobId, String leaseId, boolean stop, String reason) implements Command {}

  /** A gang's rank seems gone: its lease ends, its worker must give a sign of life first. */
  record Suspect(String jobId, String leaseId, String reason) implements Command {}

  record ListWorkers(ActorRef<ListWorkersResponse> replyTo) implements Command {}

  record ListWorkloads(ActorRef<ListWorkloadsResponse> replyTo) implements Command {}

  /** Answers with a worker without id if there is none of that name. */
  record DrainWorker(String workerId, ActorRef<Worker> replyTo) implements Command {}

  record FindCarriers(String workload, ActorRef<Carriers> replyTo) implements Command {}

  record Carriers(List<ActorRef<FromCoordinator>> workers) implements CborMessage {}

  private enum Sweep implements Command {
    NOW
  }

  private enum Decide implements Command {
    NOW
  }

  /** How often silent workers and overdue stops are looked for. */
  private static final Duration SWEEP_EVERY = Duration.ofMillis(500);

  /** A lease that its worker does not give up by then is counted as free. */
  private static final long STOP_DEADLINE_MILLIS = 10_000;

  /** A grant that the job does not name by then is told again. */
  private static final long GRANT_REPEAT_MILLIS = 5_000;

  /** Lost workers and fenced incarnations remembered. */
  private static final int REMEMBERED = 1_000;

  /** Lost workers listed, for this long. */
  private static final long LOST_LISTED_MILLIS = 10 * 60_000;

  private static final class Member {
    final FromWorker.Hello hello;
    final long joined = System.currentTimeMillis();
    long lastBeat;
    long lastBeatWall = joined;
    boolean draining;

    Member(FromWorker.Hello hello, long now) {
      this.hello = hello;
      this.lastBeat = now;
      this.draining = hello.draining();
    }

    WorkerInfo info() {
      return hello.info();
    }

    Peer peer() {
      return new Peer(info().workerId(), info().host(), info().dataPort(), info().hostId());
    }
  }

  private record Expected(String jobId, Hold hold, long since) {}

  private record Stopping(String jobId, long deadline) {}

  private final Settings settings;
  private final Jobs jobs;
  private final CoordinatorMetrics metrics;
  private final String self;
  private final Placement placement = new Placement();
  private final Map<String, Member> workers = new TreeMap<>();
  private final Map<String, Lease> leases = new HashMap<>();
  private final Map<String, Long> grantedAt = new HashMap<>();
  private final Map<String, Stopping> stopping = new HashMap<>();
  private final Map<String, Expected> expected = new LinkedHashMap<>();
  private final Map<String, String> fenced = bounded();
  private final Map<String, Worker> lost = bounded();
  private final Map<Placement.Key, String> toldReasons = new HashMap<>();
  private boolean deciding;
  private long lastSweep = now();

  static Behavior<Command> create(Settings settings, Jobs jobs, CoordinatorMetrics metrics) {
    return Behaviors.setup(
        ctx -> Behaviors.withTimers(timers -> new Scheduler(ctx, timers, settings, jobs, metrics)));
  }

  private Scheduler(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      Settings settings,
      Jobs jobs,
      CoordinatorMetrics metrics) {
    super(ctx);
    this.settings = settings;
    this.jobs = jobs;
    this.metrics = metrics;
    this.self = ctx.getSystem().address().toString();
    timers.startTimerWithFixedDelay(Sweep.NOW, SWEEP_EVERY);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(WorkerHello.class, m -> onHello(m.hello()))
        .onMessage(WorkerBeat.class, m -> onBeat(m.beat()))
        .onMessage(WorkerDraining.class, m -> onDraining(m.workerId(), m.incarnation()))
        .onMessage(WorkerGone.class, m -> onGone(m.workerId(), m.incarnation()))
        .onMessage(Demand.class, this::onDemand)
        .onMessage(Release.class, this::onRelease)
        .onMessage(Suspect.class, this::onSuspect)
        .onMessage(ListWorkers.class, this::onListWorkers)
        .onMessage(ListWorkloads.class, this::onListWorkloads)
        .onMessage(DrainWorker.class, this::onDrainWorker)
        .onMessage(FindCarriers.class, this::onFindCarriers)
        .onMessage(Sweep.class, m -> onSweep())
        .onMessage(Decide.class, m -> onDecide())
        .build();
  }

  private Behavior<Command> onHello(FromWorker.Hello hello) {
    WorkerInfo info = hello.info();
    String why = fenced.get(info.incarnation());
    if (why != null) {
      hello.self().tell(new FromCoordinator.Fenced(info.incarnation(), why));
      return this;
    }
    Member before = workers.get(info.workerId());
    if (before != null && !before.info().incarnation().equals(info.incarnation())) {
      lose(before, "worker " + info.workerId() + " was started anew");
    }
    Member member = new Member(hello, now());
    if (before != null) {
      member.draining |= before.draining && workers.containsKey(info.workerId());
    }
    boolean isNew = workers.put(info.workerId(), member) == null;
    lost.remove(info.workerId());
    place(member);
    takeUpHeld(member, hello);
    hello
        .self()
        .tell(
            new FromCoordinator.Welcome(self, settings.heartbeatEvery(), settings.abandonAfter()));
    if (isNew) {
      getContext()
          .getLog()
          .info("Worker {} joined: {} slots, {}", info.workerId(), info.slots(), info.host());
    }
    return changed();
  }

  /** Leases that a worker holds: known, or of the time before this scheduler was started. */
  private void takeUpHeld(Member member, FromWorker.Hello hello) {
    WorkerInfo info = member.info();
    Set<String> held = hello.held().stream().map(Held::leaseId).collect(Collectors.toSet());
    for (Held h : hello.held()) {
      if (stopping.containsKey(h.leaseId())) {
        hello.self().tell(new FromCoordinator.StopLease(h.leaseId(), "released"));
        continue;
      }
      Lease lease =
          new Lease(
              h.leaseId(), h.jobId(), h.kind(), info.workerId(), info.incarnation(), hello.self());
      String request =
          switch (h.kind()) {
            case DRIVER -> Wants.DRIVER;
            case TASKS -> Wants.TASKS;
            case GANG -> Wants.gang(h.keys().isEmpty() ? "" : h.keys().get(0));
          };
      use(lease, request);
      expected.remove(h.leaseId());
      jobs.tell(h.jobId(), new JobEntity.HeldByWorker(new Slot(request, lease, member.peer()), h));
    }
    // What a restarted job counts on and the worker never had, or has forgotten.
    for (Expected e : List.copyOf(expected.values())) {
      if (e.hold().workerId().equals(info.workerId()) && !held.contains(e.hold().leaseId())) {
        expected.remove(e.hold().leaseId());
        jobs.tell(
            e.jobId(),
            new JobEntity.LeaseLost(
                e.hold().leaseId(), "worker " + info.workerId() + " holds the lease no more"));
      }
    }
  }

  private Behavior<Command> onBeat(FromWorker.Heartbeat beat) {
    Member member = current(beat.workerId(), beat.incarnation());
    if (member == null) {
      String why = fenced.get(beat.incarnation());
      beat.self()
          .tell(
              why != null
                  ? new FromCoordinator.Fenced(beat.incarnation(), why)
                  : new FromCoordinator.WhoAreYou(self));
      return this;
    }
    member.lastBeat = now();
    member.lastBeatWall = System.currentTimeMillis();
    if (placement.isAvoided(beat.workerId())) {
      placement.trust(beat.workerId());
      changed();
    }
    Set<String> named = new HashSet<>(beat.leaseIds());
    if (!stopping.isEmpty()) {
      for (Placement.Used used : placement.leasesOn(beat.workerId())) {
        if (stopping.containsKey(used.leaseId()) && !named.contains(used.leaseId())) {
          stopped(used.leaseId());
        }
      }
    }
    List<String> unknown =
        beat.leaseIds().stream().filter(l -> placement.lease(l) == null).toList();
    beat.self().tell(new FromCoordinator.HeartbeatAck(beat.number(), unknown));
    return this;
  }

  private Behavior<Command> onDraining(String workerId, String incarnation) {
    Member member = current(workerId, incarnation);
    if (member != null && !member.draining) {
      member.draining = true;
      place(member);
      tellDraining(workerId);
      return changed();
    }
    return this;
  }

  private void tellDraining(String workerId) {
    for (Placement.Used used : placement.leasesOn(workerId)) {
      jobs.tell(used.key().jobId(), new JobEntity.LeaseDraining(used.leaseId()));
    }
  }

  private Behavior<Command> onGone(String workerId, String incarnation) {
    Member member = current(workerId, incarnation);
    if (member != null) {
      lose(member, "worker " + workerId + " left");
      lost.remove(workerId);
    }
    return changed();
  }

  private Behavior<Command> onDemand(Demand demand) {
    placement.want(
        demand.jobId(),
        demand.wants().stream()
            .map(
                w ->
                    new Placement.Request(
                        demand.jobId(),
                        w.request(),
                        w.kind(),
                        demand.workload(),
                        demand.priority(),
                        demand.created(),
                        w.min(),
                        w.max()))
            .toList());
    toldReasons
        .keySet()
        .removeIf(
            k ->
                k.jobId().equals(demand.jobId())
                    && demand.wants().stream().noneMatch(w -> w.request().equals(k.id())));
    Set<String> holds = new HashSet<>();
    for (Hold hold : demand.holds()) {
      holds.add(hold.leaseId());
      checkHold(demand.jobId(), hold);
    }
    for (Placement.Used used : placement.leasesOf(demand.jobId())) {
      boolean overdue = now() - grantedAt.getOrDefault(used.leaseId(), now()) > GRANT_REPEAT_MILLIS;
      if (overdue && !holds.contains(used.leaseId()) && !stopping.containsKey(used.leaseId())) {
        Member member = workers.get(used.workerId());
        grantedAt.put(used.leaseId(), now());
        jobs.tell(
            demand.jobId(),
            new JobEntity.Granted(
                List.of(new Slot(used.key().id(), leases.get(used.leaseId()), member.peer()))));
      }
    }
    return changed();
  }

  private void checkHold(String jobId, Hold hold) {
    Placement.Used used = placement.lease(hold.leaseId());
    if (used != null && !stopping.containsKey(hold.leaseId())) {
      return;
    }
    Member member = workers.get(hold.workerId());
    if (used == null && member == null) {
      expected.putIfAbsent(hold.leaseId(), new Expected(jobId, hold, now()));
    } else {
      jobs.tell(
          jobId,
          new JobEntity.LeaseLost(
              hold.leaseId(), "worker " + hold.workerId() + " holds the lease no more"));
    }
  }

  private Behavior<Command> onRelease(Release release) {
    expected.remove(release.leaseId());
    Lease lease = leases.get(release.leaseId());
    if (lease == null) {
      if (release.stop()) {
        jobs.tell(release.jobId(), new JobEntity.LeaseStopped(release.leaseId()));
      }
      return this;
    }
    if (release.stop()) {
      lease.worker().tell(new FromCoordinator.StopLease(lease.leaseId(), release.reason()));
      stopping.putIfAbsent(
          lease.leaseId(), new Stopping(release.jobId(), now() + STOP_DEADLINE_MILLIS));
      return this;
    }
    forget(release.leaseId());
    return changed();
  }

  private Behavior<Command> onSuspect(Suspect suspect) {
    Placement.Used used = placement.lease(suspect.leaseId());
    if (used != null) {
      placement.avoid(used.key(), used.workerId());
      leases
          .get(suspect.leaseId())
          .worker()
          .tell(new FromCoordinator.StopLease(suspect.leaseId(), suspect.reason()));
      // Its slot is not trusted before the worker's next heartbeat says that it has let go.
      stopping.putIfAbsent(
          suspect.leaseId(), new Stopping(suspect.jobId(), now() + STOP_DEADLINE_MILLIS));
    }
    return changed();
  }

  private Behavior<Command> onSweep() {
    long now = now();
    long slept = now - lastSweep - SWEEP_EVERY.toMillis();
    lastSweep = now;
    if (slept > SWEEP_EVERY.toMillis()) {
      // This process stood still, so heartbeats wait in its mailbox: that is not the workers'
      // fault.
      workers.values().forEach(w -> w.lastBeat += slept);
    }
    for (Member member : List.copyOf(workers.values())) {
      long silent = now - member.lastBeat;
      if (silent > settings.workerLostAfter().toMillis()) {
        lose(
            member,
            "worker " + member.info().workerId() + " was silent for " + silent / 1000 + " s");
        changed();
      }
    }
    for (Expected e : List.copyOf(expected.values())) {
      if (now - e.since() > settings.workerLostAfter().toMillis()) {
        expected.remove(e.hold().leaseId());
        jobs.tell(
            e.jobId(),
            new JobEntity.LeaseLost(
                e.hold().leaseId(), "worker " + e.hold().workerId() + " did not come back"));
      }
    }
    for (Map.Entry<String, Stopping> e : List.copyOf(stopping.entrySet())) {
      if (now > e.getValue().deadline()) {
        stopped(e.getKey());
      }
    }
    lost.values()
        .removeIf(
            w ->
                System.currentTimeMillis() - Times.toMillis(w.getLastHeartbeat())
                    > LOST_LISTED_MILLIS);
    // Reservations begin as time goes by.
    return toldReasons.isEmpty() ? this : changed();
  }

  private Behavior<Command> changed() {
    if (!deciding) {
      deciding = true;
      getContext().getSelf().tell(Decide.NOW);
    }
    return this;
  }

  private Behavior<Command> onDecide() {
    deciding = false;
    Placement.Decision decision = placement.decide(now());
    Map<Placement.Key, List<Slot>> granted = new LinkedHashMap<>();
    for (Placement.Grant grant : decision.grants()) {
      granted.computeIfAbsent(grant.request().key(), k -> new ArrayList<>()).add(carryOut(grant));
    }
    granted.forEach((key, slots) -> jobs.tell(key.jobId(), new JobEntity.Granted(slots)));
    for (String leaseId : decision.giveBack()) {
      Lease lease = leases.get(leaseId);
      if (lease != null) {
        jobs.tell(lease.jobId(), new JobEntity.GiveBack(leaseId));
      }
    }
    Map<String, Map<String, String>> news = new HashMap<>();
    decision
        .reasons()
        .forEach(
            (key, reason) -> {
              if (!reason.equals(toldReasons.put(key, reason))) {
                news.computeIfAbsent(key.jobId(), j -> new HashMap<>()).put(key.id(), reason);
              }
            });
    toldReasons.keySet().removeIf(k -> !decision.reasons().containsKey(k));
    news.forEach((job, reasons) -> jobs.tell(job, new JobEntity.Waiting(reasons)));
    reportSlots();
    return this;
  }

  private Slot carryOut(Placement.Grant grant) {
    Member member = workers.get(grant.workerId());
    Lease lease =
        new Lease(
            UUID.randomUUID().toString(),
            grant.request().jobId(),
            grant.request().kind(),
            grant.workerId(),
            member.info().incarnation(),
            member.hello.self());
    use(lease, grant.request().id());
    metrics.leaseGranted(lease.kind());
    return new Slot(grant.request().id(), lease, member.peer());
  }

  private void use(Lease lease, String request) {
    leases.put(lease.leaseId(), lease);
    grantedAt.put(lease.leaseId(), now());
    placement.use(
        new Placement.Used(
            lease.leaseId(),
            new Placement.Key(lease.jobId(), request),
            lease.kind(),
            lease.workerId()));
  }

  private void forget(String leaseId) {
    placement.release(leaseId);
    leases.remove(leaseId);
    grantedAt.remove(leaseId);
    stopping.remove(leaseId);
  }

  private void stopped(String leaseId) {
    Stopping s = stopping.get(leaseId);
    forget(leaseId);
    if (s != null) {
      jobs.tell(s.jobId(), new JobEntity.LeaseStopped(leaseId));
    }
    changed();
  }

  private void lose(Member member, String why) {
    WorkerInfo info = member.info();
    getContext().getLog().warn("Lost: {}", why);
    workers.remove(info.workerId());
    fenced.put(info.incarnation(), why);
    lost.put(info.workerId(), toProto(member).toBuilder().setState("lost").build());
    for (Placement.Used used : placement.removeNode(info.workerId())) {
      boolean wasStopping = stopping.containsKey(used.leaseId());
      forget(used.leaseId());
      jobs.tell(
          used.key().jobId(),
          wasStopping
              ? new JobEntity.LeaseStopped(used.leaseId())
              : new JobEntity.LeaseLost(used.leaseId(), why));
    }
    // Its process may still run: tell it, in case it can hear.
    member.hello.self().tell(new FromCoordinator.Fenced(info.incarnation(), why));
  }

  private void place(Member member) {
    WorkerInfo info = member.info();
    placement.node(
        new Placement.Node(
            info.workerId(),
            info.hostId(),
            info.slots(),
            info.driverSlots(),
            info.workloads().stream()
                .map(WorkerInfo.WorkloadInfo::name)
                .collect(Collectors.toUnmodifiableSet()),
            member.draining));
  }

  private Member current(String workerId, String incarnation) {
    Member member = workers.get(workerId);
    return member != null && member.info().incarnation().equals(incarnation) ? member : null;
  }

  private Behavior<Command> onListWorkers(ListWorkers m) {
    ListWorkersResponse.Builder all = ListWorkersResponse.newBuilder();
    Map<String, Worker> byId = new TreeMap<>(lost);
    workers.forEach((id, member) -> byId.put(id, toProto(member)));
    m.replyTo().tell(all.addAllWorkers(byId.values()).build());
    return this;
  }

  private Worker toProto(Member member) {
    WorkerInfo info = member.info();
    return Worker.newBuilder()
        .setId(info.workerId())
        .setHost(info.host())
        .setState(member.draining ? "draining" : "active")
        .setSlots(info.slots())
        .setSlotsUsed(placement.used(info.workerId(), false))
        .setDriverSlots(info.driverSlots())
        .setDriverSlotsUsed(placement.used(info.workerId(), true))
        .setJoined(Times.fromMillis(member.joined))
        .setLastHeartbeat(Times.fromMillis(member.lastBeatWall))
        .setPid(info.pid())
        .setVersion(info.version())
        .addAllWorkloads(info.workloads().stream().map(WorkerInfo.WorkloadInfo::name).toList())
        .addAllRunning(placement.leasesOn(info.workerId()).stream().map(Placement::label).toList())
        .build();
  }

  private Behavior<Command> onListWorkloads(ListWorkloads m) {
    Map<String, Workload> byName = new TreeMap<>();
    for (Member member : workers.values()) {
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
    m.replyTo().tell(ListWorkloadsResponse.newBuilder().addAllWorkloads(byName.values()).build());
    return this;
  }

  private Behavior<Command> onDrainWorker(DrainWorker m) {
    Member member = workers.get(m.workerId());
    if (member == null) {
      m.replyTo().tell(Worker.getDefaultInstance());
      return this;
    }
    member.hello.self().tell(new FromCoordinator.Drain());
    onDraining(m.workerId(), member.info().incarnation());
    m.replyTo().tell(toProto(member));
    return this;
  }

  private Behavior<Command> onFindCarriers(FindCarriers m) {
    List<ActorRef<FromCoordinator>> found = new ArrayList<>();
    for (Member member : workers.values()) {
      if (member.info().workloads().stream().anyMatch(w -> w.name().equals(m.workload()))) {
        found.add(member.hello.self());
      }
    }
    m.replyTo().tell(new Carriers(found));
    return this;
  }

  private void reportSlots() {
    int total = workers.values().stream().mapToInt(w -> w.info().slots()).sum();
    int used = (int) leases.values().stream().filter(l -> l.kind() != Lease.Kind.DRIVER).count();
    metrics.slots(total, used);
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
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
