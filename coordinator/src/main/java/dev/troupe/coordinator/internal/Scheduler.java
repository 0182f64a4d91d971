package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.WorkerInfo;
import dev.troupe.coordinator.internal.WorkerRegistry.Member;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.ListWorkloadsResponse;
import dev.troupe.proto.v1.Worker;
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
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the workers and lends their slots: a cluster singleton with soft state. After a restart it
 * learns from workers ({@link FromWorker.Hello}) what they hold and from jobs ({@link
 * SchedulerCommand.Demand}, sent again every few seconds) what they want and hold. {@link
 * Placement} makes the decisions.
 */
final class Scheduler extends AbstractBehavior<SchedulerCommand> {

  private static final Logger LOG = LoggerFactory.getLogger(Scheduler.class);

  /** How often silent workers and overdue stops are looked for. */
  private static final Duration SWEEP_EVERY = Duration.ofMillis(500);

  private final Settings settings;
  private final Jobs jobs;
  private final CoordinatorMetrics metrics;
  private final String self;
  private final Placement placement = new Placement();
  private final WorkerRegistry workers = new WorkerRegistry();
  private final LeaseBook leases = new LeaseBook(placement);
  private final Map<Placement.Key, String> toldReasons = new HashMap<>();
  private final long started = now();
  private boolean deciding;
  private long lastSweep = now();

  static Behavior<SchedulerCommand> create(
      Settings settings, Jobs jobs, CoordinatorMetrics metrics) {
    return Behaviors.setup(
        ctx -> Behaviors.withTimers(timers -> new Scheduler(ctx, timers, settings, jobs, metrics)));
  }

  private Scheduler(
      ActorContext<SchedulerCommand> ctx,
      TimerScheduler<SchedulerCommand> timers,
      Settings settings,
      Jobs jobs,
      CoordinatorMetrics metrics) {
    super(ctx);
    this.settings = settings;
    this.jobs = jobs;
    this.metrics = metrics;
    this.self = ctx.getSystem().address().toString();
    timers.startTimerWithFixedDelay(SchedulerCommand.ToSelf.SWEEP, SWEEP_EVERY);
  }

  @Override
  public Receive<SchedulerCommand> createReceive() {
    return newReceiveBuilder()
        .onMessage(SchedulerCommand.WorkerHello.class, m -> onHello(m.hello()))
        .onMessage(SchedulerCommand.WorkerBeat.class, m -> onBeat(m.beat()))
        .onMessage(
            SchedulerCommand.WorkerDraining.class, m -> onDraining(m.workerId(), m.incarnation()))
        .onMessage(SchedulerCommand.WorkerGone.class, m -> onGone(m.workerId(), m.incarnation()))
        .onMessage(SchedulerCommand.Demand.class, this::onDemand)
        .onMessage(SchedulerCommand.Release.class, this::onRelease)
        .onMessage(SchedulerCommand.Suspect.class, this::onSuspect)
        .onMessage(SchedulerCommand.ListWorkers.class, this::onListWorkers)
        .onMessage(SchedulerCommand.ListWorkloads.class, this::onListWorkloads)
        .onMessage(SchedulerCommand.DrainWorker.class, this::onDrainWorker)
        .onMessage(SchedulerCommand.FindCarriers.class, this::onFindCarriers)
        .onMessageEquals(SchedulerCommand.ToSelf.SWEEP, this::onSweep)
        .onMessageEquals(SchedulerCommand.ToSelf.DECIDE, this::onDecide)
        .build();
  }

  // --- workers

  private Behavior<SchedulerCommand> onHello(FromWorker.Hello hello) {
    WorkerInfo info = hello.info();
    String why = workers.fenced(info.incarnation());
    if (why != null) {
      hello.self().tell(new FromCoordinator.Fenced(info.incarnation(), why));
      return this;
    }
    Member before = workers.get(info.workerId());
    if (before != null && !before.info().incarnation().equals(info.incarnation())) {
      lose(before, "worker " + info.workerId() + " was started anew");
      before = null;
    }
    Member member = workers.add(hello, now());
    placement.node(member.node());
    takeUpHeld(member, hello);
    member.tell(
        new FromCoordinator.Welcome(self, settings.heartbeatEvery(), settings.abandonAfter()));
    if (before == null) {
      LOG.info("Worker {} joined: {} slots, {}", info.workerId(), info.slots(), info.host());
    }
    return changed();
  }

  /** Leases that a worker holds: known, or of the time before this scheduler was started. */
  private void takeUpHeld(Member member, FromWorker.Hello hello) {
    WorkerInfo info = member.info();
    Set<String> held = hello.held().stream().map(Held::leaseId).collect(Collectors.toSet());
    for (Held h : hello.held()) {
      if (leases.isStopping(h.leaseId())) {
        member.tell(new FromCoordinator.StopLease(h.leaseId(), "released"));
        continue;
      }
      Lease lease =
          new Lease(
              h.leaseId(), h.jobId(), h.kind(), info.workerId(), info.incarnation(), hello.self());
      String request = Wants.of(h);
      leases.use(lease, request, now());
      jobs.tell(h.jobId(), new JobCommand.HeldByWorker(new Slot(request, lease, member.peer()), h));
    }
    // What a restarted job counts on and the worker never had, or has forgotten.
    leases
        .takeExpected(
            e -> e.hold().workerId().equals(member.id()) && !held.contains(e.hold().leaseId()))
        .forEach(
            e ->
                tellLost(
                    e.jobId(),
                    e.hold().leaseId(),
                    "worker " + member.id() + " holds the lease no more"));
  }

  private void tellLost(String jobId, String leaseId, String why) {
    jobs.tell(jobId, new JobCommand.LeaseLost(leaseId, why));
  }

  private Behavior<SchedulerCommand> onBeat(FromWorker.Heartbeat beat) {
    Member member = workers.get(beat.workerId(), beat.incarnation());
    if (member == null) {
      String why = workers.fenced(beat.incarnation());
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
    if (leases.isAnyStopping()) {
      for (Placement.Used used : placement.leasesOn(beat.workerId())) {
        if (leases.isStopping(used.leaseId()) && !named.contains(used.leaseId())) {
          stopped(used.leaseId());
        }
      }
    }
    List<String> unknown = beat.leaseIds().stream().filter(l -> leases.get(l) == null).toList();
    member.tell(new FromCoordinator.HeartbeatAck(beat.number(), unknown));
    return this;
  }

  private Behavior<SchedulerCommand> onDraining(String workerId, String incarnation) {
    Member member = workers.get(workerId, incarnation);
    if (member != null && !member.draining) {
      member.draining = true;
      placement.node(member.node());
      tellDraining(workerId);
      return changed();
    }
    return this;
  }

  private void tellDraining(String workerId) {
    for (Placement.Used used : placement.leasesOn(workerId)) {
      jobs.tell(used.key().jobId(), new JobCommand.LeaseDraining(used.leaseId()));
    }
  }

  private Behavior<SchedulerCommand> onGone(String workerId, String incarnation) {
    Member member = workers.get(workerId, incarnation);
    if (member != null) {
      lose(member, "worker " + workerId + " left");
      workers.lost().remove(workerId);
    }
    return changed();
  }

  private void lose(Member member, String why) {
    LOG.warn("Lost: {}", why);
    workers.lose(member, toProto(member), why);
    for (Placement.Used used : placement.removeNode(member.id())) {
      boolean wasStopping = leases.isStopping(used.leaseId());
      leases.forget(used.leaseId());
      jobs.tell(
          used.key().jobId(),
          wasStopping
              ? new JobCommand.LeaseStopped(used.leaseId())
              : new JobCommand.LeaseLost(used.leaseId(), why));
    }
    // Its process may still run: tell it, in case it can hear.
    member.tell(new FromCoordinator.Fenced(member.info().incarnation(), why));
  }

  // --- jobs

  private Behavior<SchedulerCommand> onDemand(SchedulerCommand.Demand demand) {
    boolean isNew =
        placement.want(
            demand.jobId(), demand.wants().stream().map(want -> request(demand, want)).toList());
    // An entity that was started anew knows no reason; what is wanted no more has none.
    Set<String> wanted =
        demand.wants().stream().map(SchedulerCommand.Want::request).collect(Collectors.toSet());
    toldReasons
        .keySet()
        .removeIf(
            k ->
                k.jobId().equals(demand.jobId())
                    && (demand.recovering() || !wanted.contains(k.id())));
    demand.holds().forEach(hold -> checkHold(demand.jobId(), hold));
    if (demand.recovering()) {
      askHolders(demand);
    }
    return isNew || demand.recovering() ? changed() : this;
  }

  private static Placement.Request request(
      SchedulerCommand.Demand demand, SchedulerCommand.Want want) {
    return new Placement.Request(
        demand.jobId(),
        want.request(),
        want.kind(),
        demand.workload(),
        demand.priority(),
        demand.created(),
        want.min(),
        want.max());
  }

  private void checkHold(String jobId, SchedulerCommand.Hold hold) {
    Member member = workers.get(hold.workerId());
    if (leases.get(hold.leaseId()) != null && !leases.isStopping(hold.leaseId())) {
      leases.named(hold.leaseId(), now());
      // Told once more, for these may have been lost and would be waited for in vain.
      if (placement.isAskedBack(hold.leaseId())) {
        jobs.tell(jobId, new JobCommand.GiveBack(hold.leaseId()));
      }
      if (member != null && member.draining) {
        jobs.tell(jobId, new JobCommand.LeaseDraining(hold.leaseId()));
      }
    } else if (leases.get(hold.leaseId()) == null && member == null) {
      leases.expect(jobId, hold, now());
    } else {
      tellLost(jobId, hold.leaseId(), "worker " + hold.workerId() + " holds the lease no more");
    }
  }

  /** Has the workers that hold leases of a job say Hello once more, and with it what they hold. */
  private void askHolders(SchedulerCommand.Demand demand) {
    placement.leasesOf(demand.jobId()).stream()
        .map(Placement.Used::workerId)
        .distinct()
        .forEach(id -> workers.get(id).askHello(self, now()));
  }

  private Behavior<SchedulerCommand> onRelease(SchedulerCommand.Release release) {
    leases.expectNoMore(release.leaseId());
    Lease lease = leases.get(release.leaseId());
    if (lease == null) {
      if (release.stop()) {
        jobs.tell(release.jobId(), new JobCommand.LeaseStopped(release.leaseId()));
      }
      return this;
    }
    if (release.stop()) {
      lease.worker().tell(new FromCoordinator.StopLease(lease.leaseId(), release.reason()));
      leases.stop(lease.leaseId(), release.jobId(), now());
      return this;
    }
    leases.forget(release.leaseId());
    return changed();
  }

  private Behavior<SchedulerCommand> onSuspect(SchedulerCommand.Suspect suspect) {
    Placement.Used used = placement.lease(suspect.leaseId());
    if (used != null) {
      placement.avoid(used.key(), used.workerId());
      leases
          .get(suspect.leaseId())
          .worker()
          .tell(new FromCoordinator.StopLease(suspect.leaseId(), suspect.reason()));
      // Its slot is not trusted before the worker's next heartbeat says that it has let go.
      leases.stop(suspect.leaseId(), suspect.jobId(), now());
    }
    return changed();
  }

  private void stopped(String leaseId) {
    String jobId = leases.stoppedFor(leaseId);
    leases.forget(leaseId);
    if (jobId != null) {
      jobs.tell(jobId, new JobCommand.LeaseStopped(leaseId));
    }
    changed();
  }

  // --- time

  private Behavior<SchedulerCommand> onSweep() {
    long now = now();
    long slept = now - lastSweep - SWEEP_EVERY.toMillis();
    lastSweep = now;
    if (slept > SWEEP_EVERY.toMillis()) {
      // This process stood still, so heartbeats wait in its mailbox.
      workers.excuse(slept);
    }
    long lostAfter = settings.workerLostAfter().toMillis();
    for (Member member : workers.all()) {
      long silent = now - member.lastBeat;
      if (silent > lostAfter) {
        lose(member, "worker " + member.id() + " was silent for " + silent / 1000 + " s");
        changed();
      }
    }
    leases
        .takeExpected(e -> now - e.since() > lostAfter)
        .forEach(
            e ->
                tellLost(
                    e.jobId(),
                    e.hold().leaseId(),
                    "worker " + e.hold().workerId() + " did not come back"));
    leases.overdueStops(now).forEach(this::stopped);
    leases.takeUnnamed(now).forEach(this::tellAgain);
    // Reservations begin as time goes by.
    return toldReasons.isEmpty() ? this : changed();
  }

  private void tellAgain(Lease lease) {
    String request = placement.lease(lease.leaseId()).key().id();
    Slot slot = new Slot(request, lease, workers.get(lease.workerId()).peer());
    jobs.tell(lease.jobId(), new JobCommand.Granted(List.of(slot)));
  }

  private Behavior<SchedulerCommand> changed() {
    if (!deciding) {
      deciding = true;
      getContext().getSelf().tell(SchedulerCommand.ToSelf.DECIDE);
    }
    return this;
  }

  // --- decisions

  private Behavior<SchedulerCommand> onDecide() {
    deciding = false;
    Placement.Decision decision = placement.decide(now());
    Map<Placement.Key, List<Slot>> granted = new LinkedHashMap<>();
    for (Placement.Grant grant : decision.grants()) {
      granted.computeIfAbsent(grant.request().key(), k -> new ArrayList<>()).add(carryOut(grant));
    }
    granted.forEach((key, slots) -> jobs.tell(key.jobId(), new JobCommand.Granted(slots)));
    for (String leaseId : decision.giveBack()) {
      Lease lease = leases.get(leaseId);
      if (lease != null) {
        jobs.tell(lease.jobId(), new JobCommand.GiveBack(leaseId));
      }
    }
    tellReasons(decision.reasons());
    metrics.slots(workers.slots(), leases.workSlots());
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
    leases.use(lease, grant.request().id(), now());
    metrics.leaseGranted(lease.kind());
    return new Slot(grant.request().id(), lease, member.peer());
  }

  /** Those that are news. */
  private void tellReasons(Map<Placement.Key, String> reasons) {
    Map<String, Map<String, String>> news = new HashMap<>();
    reasons.forEach(
        (key, reason) -> {
          if (!reason.equals(toldReasons.put(key, reason))) {
            news.computeIfAbsent(key.jobId(), j -> new HashMap<>()).put(key.id(), reason);
          }
        });
    toldReasons.keySet().retainAll(reasons.keySet());
    news.forEach((job, why) -> jobs.tell(job, new JobCommand.Waiting(why)));
  }

  // --- what users ask

  private Behavior<SchedulerCommand> onListWorkers(SchedulerCommand.ListWorkers m) {
    Map<String, Worker> byId = new TreeMap<>(workers.lost());
    workers.all().forEach(member -> byId.put(member.id(), toProto(member)));
    m.replyTo().tell(ListWorkersResponse.newBuilder().addAllWorkers(byId.values()).build());
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

  private Behavior<SchedulerCommand> onListWorkloads(SchedulerCommand.ListWorkloads m) {
    m.replyTo()
        .tell(ListWorkloadsResponse.newBuilder().addAllWorkloads(workers.workloads()).build());
    return this;
  }

  private Behavior<SchedulerCommand> onDrainWorker(SchedulerCommand.DrainWorker m) {
    Member member = workers.get(m.workerId());
    if (member == null) {
      m.replyTo().tell(Worker.getDefaultInstance());
      return this;
    }
    member.tell(new FromCoordinator.Drain());
    onDraining(m.workerId(), member.info().incarnation());
    m.replyTo().tell(toProto(member));
    return this;
  }

  private Behavior<SchedulerCommand> onFindCarriers(SchedulerCommand.FindCarriers m) {
    boolean gathering = now() - started < settings.gather().toMillis();
    m.replyTo().tell(new SchedulerCommand.Carriers(workers.carriers(m.workload()), gathering));
    return this;
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }
}
