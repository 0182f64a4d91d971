package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.ErrorInfo;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromCoordinator.Outcome;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Limits;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.ToJob.TaskEnd;
import dev.troupe.cluster.protocol.ToJob.TaskSpec;
import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import dev.troupe.proto.journal.v1.ArtifactRecorded;
import dev.troupe.proto.journal.v1.CancelRequested;
import dev.troupe.proto.journal.v1.DriverLost;
import dev.troupe.proto.journal.v1.DriverPlaced;
import dev.troupe.proto.journal.v1.Error;
import dev.troupe.proto.journal.v1.GangEnded;
import dev.troupe.proto.journal.v1.GangSubmitted;
import dev.troupe.proto.journal.v1.JobAccepted;
import dev.troupe.proto.journal.v1.JobEnded;
import dev.troupe.proto.journal.v1.JobEvent;
import dev.troupe.proto.journal.v1.JobSnapshot;
import dev.troupe.proto.journal.v1.Member;
import dev.troupe.proto.journal.v1.TaskResult;
import dev.troupe.proto.journal.v1.TasksEnded;
import dev.troupe.proto.v1.Failure;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListArtifactsResponse;
import dev.troupe.proto.v1.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * One job: the only place where its truth lives.
 *
 * <pre>
 *   PENDING --driver placed--> RUNNING --driver returned--> SUCCEEDED
 *      |                          |----- driver threw ----> FAILED
 *      +-------- cancel ----------+--> CANCELLING --------> CANCELLED
 * </pre>
 *
 * <p>What must survive is in {@link JobRecord}, the fold of journaled events. What can be learned
 * again from workers and the scheduler is in {@link TaskBoard}, {@link GangMachine} and the fields
 * here. A message leads to an {@link Outbox}: its events are journaled first, then it acts. Ends of
 * tasks are gathered while a write is under way and journaled as one event (group commit).
 */
final class JobEntity extends EventSourcedBehavior<JobEntity.Command, JobEvent, JobRecord> {

  static final EntityTypeKey<Command> TYPE = EntityTypeKey.create(Command.class, "job");

  sealed interface Command extends CborMessage {}

  /**
   * Takes the job in; answered with it. Sent again to wake the entity up.
   *
   * @param accepted a {@link JobAccepted}, by {@link Wire}
   */
  record Accept(String accepted, ActorRef<Job> replyTo) implements Command {}

  /** Answered with the job, or one without id if there is none. */
  record Get(ActorRef<Job> replyTo) implements Command {}

  /** Tells the job now and after each change for {@link #WATCH_MILLIS}; sent again to go on. */
  record Watch(ActorRef<Job> watcher) implements Command {}

  record Cancel(String reason, ActorRef<Job> replyTo) implements Command {}

  record ListArtifacts(ActorRef<ListArtifactsResponse> replyTo) implements Command {}

  /**
   * What a worker says.
   *
   * @param messageId to be acknowledged to the gateway, -1 if not
   */
  record FromWorker(
      String workerId,
      String incarnation,
      long messageId,
      ToJob message,
      ActorRef<CborMessage> gateway)
      implements Command {}

  record Granted(List<Slot> slots) implements Command {}

  record LeaseLost(String leaseId, String reason) implements Command {}

  /** The lease's worker drains. */
  record LeaseDraining(String leaseId) implements Command {}

  /** Others need the slot: return it after the tasks that it has. */
  record GiveBack(String leaseId) implements Command {}

  /** A lease that was to be stopped is over. */
  record LeaseStopped(String leaseId) implements Command {}

  /** A worker that registered holds work of this job. */
  record HeldByWorker(Slot slot, Held held) implements Command {}

  /** Why requests wait. */
  record Waiting(Map<String, String> reasons) implements Command {}

  private enum Internal implements Command {
    FLUSH,
    TICK,
    PUBLISH,
    PASSIVATE
  }

  static final long WATCH_MILLIS = 15_000;
  private static final Duration TICK_EVERY = Duration.ofMillis(200);

  /** Changes are told to watchers at most so often. */
  private static final Duration PUBLISH_EVERY = Duration.ofMillis(100);

  /** An ended job leaves memory when nobody has asked for it for so long. */
  private static final Duration PASSIVATE_AFTER = Duration.ofSeconds(60);

  /** The demand is told again so often, for a scheduler that was started anew. */
  private static final long DEMAND_EVERY_MILLIS = 3_000;

  /** A start of the driver that had no effect by then is sent again. */
  private static final long DRIVER_RESEND_MILLIS = 5_000;

  /** A driver silent for so long after outcomes is asked to submit again what it waits for. */
  private static final long DRIVER_NUDGE_MILLIS = 20_000;

  /** A cancelled job whose leases do not stop by then ends all the same. */
  private static final long CANCEL_DEADLINE_MILLIS = 15_000;

  /** Tasks without a result that a job may have; more are not acknowledged for now. */
  private static final int MAX_OPEN_TASKS = 100_000;

  private static final int MAX_WATCHERS = 1_000;
  private static final int SNAPSHOT_EVERY = 500;

  /** What an entity needs to know of its coordinator. */
  record Env(
      Settings settings,
      CoordinatorMetrics metrics,
      ActorRef<Scheduler.Command> scheduler,
      ActorRef<JobIndex.Command> index,
      BlobReader blobs) {}

  /** Reads a blob as text; throws {@link dev.troupe.core.StoreException}. */
  @FunctionalInterface
  interface BlobReader {
    String read(BlobRef blob);
  }

  /** A driver's result up to this size is shown whole with its job. */
  private static final long MAX_RESULT_BYTES = 1024 * 1024;

  private final ActorContext<Command> ctx;
  private final TimerScheduler<Command> timers;
  private final ActorRef<ClusterSharding.ShardCommand> shard;
  private final Env env;
  private final String jobId;
  private final Port port = new Port();

  private JobRecord record;
  private TaskBoard tasks;
  private final Map<String, GangMachine> gangs = new LinkedHashMap<>();

  private Slot driver;
  private boolean driverRuns;
  private long driverSentAt;
  private long driverHeardAt;
  private long outcomesSentAt;
  private long driverNotBefore;

  private final Map<String, TaskResult> ending = new LinkedHashMap<>();
  private final List<FromWorker> endingAcks = new ArrayList<>();
  private boolean flushDue;

  private final Set<String> stopping = new HashSet<>();
  private long stopDeadline;
  private boolean demandDirty;
  private long demandToldAt;
  private JobState toldState = JobState.JOB_STATE_UNSPECIFIED;
  private final Map<String, String> reasons = new HashMap<>();
  private Progress progress = Progress.getDefaultInstance();
  private final Map<ActorRef<Job>, Long> watchers = new HashMap<>();
  private long submittedTasks;

  static Behavior<Command> create(
      String jobId, Env env, ActorRef<ClusterSharding.ShardCommand> shard) {
    return Behaviors.setup(
        ctx -> Behaviors.withTimers(timers -> new JobEntity(ctx, timers, shard, env, jobId)));
  }

  static PersistenceId persistenceId(String jobId) {
    return PersistenceId.of(TYPE.name(), jobId);
  }

  private JobEntity(
      ActorContext<Command> ctx,
      TimerScheduler<Command> timers,
      ActorRef<ClusterSharding.ShardCommand> shard,
      Env env,
      String jobId) {
    super(
        persistenceId(jobId),
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2));
    this.ctx = ctx;
    this.timers = timers;
    this.shard = shard;
    this.env = env;
    this.jobId = jobId;
  }

  @Override
  public JobRecord emptyState() {
    return new JobRecord(env.settings().checkpointsKept());
  }

  @Override
  public EventHandler<JobRecord, JobEvent> eventHandler() {
    return newEventHandlerBuilder().forAnyState().onAnyEvent(JobRecord::apply);
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(SNAPSHOT_EVERY, 2);
  }

  @Override
  public SnapshotAdapter<JobRecord> snapshotAdapter() {
    return new SnapshotAdapter<>() {
      @Override
      public Object toJournal(JobRecord state) {
        return state.toSnapshot();
      }

      @Override
      public JobRecord fromJournal(Object from) {
        return JobRecord.of((JobSnapshot) from, env.settings().checkpointsKept());
      }
    };
  }

  @Override
  public SignalHandler<JobRecord> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::onRecovered)
        .build();
  }

  @Override
  public CommandHandler<Command, JobEvent, JobRecord> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(FromWorker.class, (s, m) -> onFromWorker(m))
        .onCommand(Internal.class, (s, m) -> onInternal(m))
        .onCommand(Granted.class, (s, m) -> handle(out -> onGranted(m, out)))
        .onCommand(LeaseLost.class, (s, m) -> handle(out -> onLeaseLost(m, out)))
        .onCommand(LeaseDraining.class, (s, m) -> handle(out -> onLeaseDraining(m, out)))
        .onCommand(GiveBack.class, (s, m) -> handle(out -> onGiveBack(m)))
        .onCommand(LeaseStopped.class, (s, m) -> handle(out -> onLeaseStopped(m, out)))
        .onCommand(HeldByWorker.class, (s, m) -> handle(out -> onHeld(m, out)))
        .onCommand(Waiting.class, (s, m) -> handle(out -> onWaiting(m)))
        .onCommand(Accept.class, (s, m) -> handle(out -> onAccept(m, out)))
        .onCommand(Get.class, (s, m) -> handle(out -> m.replyTo().tell(view())))
        .onCommand(Watch.class, (s, m) -> handle(out -> onWatch(m)))
        .onCommand(Cancel.class, (s, m) -> handle(out -> onCancel(m, out)))
        .onCommand(ListArtifacts.class, (s, m) -> handle(out -> onListArtifacts(m)))
        .build();
  }

  private interface Handler {
    void handle(Outbox out);
  }

  private Effect<JobEvent, JobRecord> handle(Handler handler) {
    Outbox out = new Outbox();
    handler.handle(out);
    tellGangEnds(out);
    if (out.events().isEmpty()) {
      out.runAfter();
      settle();
      return Effect().none();
    }
    long began = System.nanoTime();
    return Effect()
        .persist(out.events())
        .thenRun(
            state -> {
              env.metrics().journalWritten((System.nanoTime() - began) / 1e9);
              out.runAfter();
              settle();
              changed();
            });
  }

  /** After each message: what has changed is told to the scheduler and the index. */
  private void settle() {
    if (!record.exists()) {
      shard.tell(new ClusterSharding.Passivate<>(ctx.getSelf()));
      return;
    }
    if (demandDirty) {
      tellDemand();
    }
    if (record.state() != toldState) {
      toldState = record.state();
      env.index().tell(new JobIndex.Changed(Wire.encode(JobViews.summary(view()))));
      if (record.isTerminal()) {
        timers.cancel(Internal.TICK);
        stayFor();
      }
    }
  }

  private void stayFor() {
    timers.startSingleTimer(Internal.PASSIVATE, PASSIVATE_AFTER);
  }

  private void onRecovered(JobRecord state) {
    record = state;
    if (!state.exists()) {
      return;
    }
    begin();
    if (state.isTerminal()) {
      toldState = state.state();
      env.index().tell(new JobIndex.Changed(Wire.encode(JobViews.summary(view()))));
      stayFor();
      return;
    }
    if (state.cancel() != null) {
      stopAll("cancelled");
    }
    demandDirty = true;
    settle();
  }

  /** The parts of a job that is accepted. */
  private void begin() {
    String workload = record.accepted().getSpec().getWorkload();
    tasks = new TaskBoard(workload, env.settings(), port);
    submittedTasks = record.results().size();
    if (!record.isTerminal()) {
      record.gangs().keySet().forEach(this::addGang);
      timers.startTimerWithFixedDelay(Internal.TICK, Internal.TICK, TICK_EVERY);
    }
  }

  private void addGang(String key) {
    String workload = record.accepted().getSpec().getWorkload();
    gangs.put(
        key, new GangMachine(jobId, workload, record, key, env.settings(), port, env.metrics()));
  }

  private boolean isOpen() {
    return record.exists() && !record.isTerminal() && record.cancel() == null;
  }

  // --- the front door

  private void onAccept(Accept m, Outbox out) {
    if (!record.exists()) {
      JobAccepted accepted = Wire.decode(m.accepted(), JobAccepted.parser());
      out.journal(out.event().setAccepted(accepted));
      out.then(
          () -> {
            begin();
            demandDirty = true;
          });
    }
    if (m.replyTo() != null) {
      out.then(() -> m.replyTo().tell(view()));
    }
  }

  private void onWatch(Watch m) {
    if (watchers.containsKey(m.watcher()) || watchers.size() < MAX_WATCHERS) {
      boolean isNew = watchers.put(m.watcher(), now() + WATCH_MILLIS) == null;
      if (isNew || record.isTerminal()) {
        m.watcher().tell(view());
      }
    }
    if (record.isTerminal()) {
      stayFor();
    }
  }

  private void onCancel(Cancel m, Outbox out) {
    if (isOpen()) {
      out.journal(
          out.event().setCancelRequested(CancelRequested.newBuilder().setReason(m.reason())));
      out.then(() -> stopAll("job cancelled"));
      out.then(() -> ctx.getSelf().tell(Internal.TICK));
    }
    out.then(() -> m.replyTo().tell(view()));
  }

  private void onListArtifacts(ListArtifacts m) {
    m.replyTo().tell(JobViews.artifacts(record));
  }

  // --- leases

  private void onGranted(Granted m, Outbox out) {
    String request = m.slots().get(0).request();
    if (!isOpen()) {
      m.slots().forEach(s -> port.release(s.leaseId(), false, "the job has ended"));
      return;
    }
    reasons.remove(request);
    if (request.equals(Wants.DRIVER)) {
      m.slots().forEach(s -> onDriverSlot(s, out));
    } else if (request.equals(Wants.TASKS)) {
      tasks.onGranted(m.slots());
    } else {
      GangMachine gang = gangs.get(request.substring(Wants.GANG.length()));
      if (gang != null) {
        gang.onGranted(m.slots(), out);
      } else {
        m.slots().forEach(s -> port.release(s.leaseId(), false, "no such gang"));
      }
    }
  }

  private void onDriverSlot(Slot slot, Outbox out) {
    Member placed = record.driver();
    if (placed != null && placed.getLeaseId().equals(slot.leaseId())) {
      driver = slot;
      startDriver();
      return;
    }
    if (placed != null) {
      port.release(slot.leaseId(), false, "the driver has a slot");
      return;
    }
    driver = slot;
    driverRuns = false;
    if (record.attempt() == 0) {
      env.metrics().driverPlacedAfter((System.currentTimeMillis() - record.created()) / 1e3);
    }
    out.journal(
        out.event()
            .setDriverPlaced(
                DriverPlaced.newBuilder()
                    .setAttempt(record.attempt() + 1)
                    .setMember(Convert.member(slot))));
    out.then(this::startDriver);
    demandDirty = true;
  }

  private void startDriver() {
    driverSentAt = now();
    port.send(
        driver,
        new FromCoordinator.StartDriver(
            driver.lease(),
            record.attempt(),
            record.accepted().getSpec().getWorkload(),
            record.accepted().getOptionsJson()));
  }

  private void onLeaseLost(LeaseLost m, Outbox out) {
    if (stopping.remove(m.leaseId())) {
      endCancelled(out);
    }
    if (!isOpen()) {
      return;
    }
    if (record.driver() != null && record.driver().getLeaseId().equals(m.leaseId())) {
      driverLost(m.reason(), out);
    } else if (tasks.knows(m.leaseId())) {
      tasks
          .onLeaseLost(m.leaseId())
          .forEach(
              (spec, error) ->
                  addEnding(
                      TaskResult.newBuilder()
                          .setKey(spec.key())
                          .setInputHash(spec.inputHash())
                          .setError(Error.newBuilder().setMessage(error))
                          .build()));
    } else {
      for (GangMachine gang : gangs.values()) {
        if (gang.knows(m.leaseId())) {
          gang.onLeaseLost(m.leaseId(), m.reason(), out);
        }
      }
    }
  }

  private void driverLost(String reason, Outbox out) {
    driver = null;
    driverRuns = false;
    demandDirty = true;
    out.journal(
        out.event()
            .setDriverLost(DriverLost.newBuilder().setAttempt(record.attempt()).setReason(reason)));
    if (record.attempt() >= env.settings().driverAttempts()) {
      end(
          JobState.JOB_STATE_FAILED,
          Failure.newBuilder()
              .setWhere("driver")
              .setMessage("driver lost " + record.attempt() + " times, the last: " + reason)
              .build(),
          null,
          out);
    } else {
      driverNotBefore = now() + env.settings().backoff(record.attempt()).toMillis();
    }
  }

  private void onLeaseDraining(LeaseDraining m, Outbox out) {
    if (!isOpen()) {
      return;
    }
    if (driver != null && driver.leaseId().equals(m.leaseId())) {
      // The driver is durable: it moves at once instead of holding the worker back.
      String leaseId = m.leaseId();
      String reason = "worker " + driver.lease().workerId() + " drains";
      driverLost(reason, out);
      driverNotBefore = 0;
      out.then(() -> port.release(leaseId, true, reason));
    }
    tasks.onLeaving(m.leaseId());
    gangs.values().forEach(g -> g.onDraining(m.leaseId(), out));
  }

  private void onGiveBack(GiveBack m) {
    if (isOpen()) {
      tasks.onLeaving(m.leaseId());
    }
  }

  private void onLeaseStopped(LeaseStopped m, Outbox out) {
    if (stopping.remove(m.leaseId())) {
      endCancelled(out);
    }
  }

  private void onHeld(HeldByWorker m, Outbox out) {
    Slot slot = m.slot();
    if (!isOpen()) {
      env.scheduler().tell(new Scheduler.Release(jobId, slot.leaseId(), true, "the job has ended"));
      return;
    }
    switch (slot.lease().kind()) {
      case DRIVER -> {
        Member placed = record.driver();
        if (placed != null && placed.getLeaseId().equals(slot.leaseId())) {
          driver = slot;
          startDriver();
        } else {
          port.release(slot.leaseId(), true, "the driver was started elsewhere");
        }
      }
      case TASKS -> tasks.onHeld(slot, m.held().keys().stream().filter(k -> !hasEnded(k)).toList());
      case GANG -> {
        String key = slot.request().substring(Wants.GANG.length());
        GangMachine gang = gangs.get(key);
        if (gang != null) {
          gang.onHeld(slot, m.held(), out);
        } else {
          port.release(slot.leaseId(), true, "no such gang");
        }
      }
    }
  }

  private boolean hasEnded(String task) {
    return record.results().containsKey(task) || ending.containsKey(task);
  }

  private void onWaiting(Waiting m) {
    reasons.putAll(m.reasons());
    changed();
  }

  private final class Port implements JobPort {
    @Override
    public void send(Slot slot, FromCoordinator message) {
      slot.lease().worker().tell(message);
    }

    @Override
    public void release(String leaseId, boolean stop, String reason) {
      if (stop) {
        Slot slot = driver != null && driver.leaseId().equals(leaseId) ? driver : null;
        if (slot != null) {
          send(slot, new FromCoordinator.StopLease(leaseId, reason));
        }
      }
      env.scheduler().tell(new Scheduler.Release(jobId, leaseId, stop, reason));
    }

    @Override
    public void suspect(String leaseId, String reason) {
      env.scheduler().tell(new Scheduler.Suspect(jobId, leaseId, reason));
    }

    @Override
    public void demandChanged() {
      demandDirty = true;
    }
  }

  private void tellDemand() {
    demandDirty = false;
    demandToldAt = now();
    List<Scheduler.Want> wants = new ArrayList<>();
    if (isOpen()) {
      if (record.driver() == null && now() >= driverNotBefore) {
        wants.add(new Scheduler.Want(Wants.DRIVER, Lease.Kind.DRIVER, 1, 1));
      }
      addIfWanted(wants, tasks.want());
      gangs.values().forEach(g -> addIfWanted(wants, g.want()));
    }
    Set<String> wanted = new HashSet<>();
    wants.forEach(w -> wanted.add(w.request()));
    reasons.keySet().retainAll(wanted);
    env.scheduler()
        .tell(
            new Scheduler.Demand(
                jobId,
                record.accepted().getSpec().getWorkload(),
                record.accepted().getSpec().getPriority(),
                record.created(),
                wants,
                holds()));
  }

  private static void addIfWanted(List<Scheduler.Want> wants, Scheduler.Want want) {
    if (want != null) {
      wants.add(want);
    }
  }

  private List<Scheduler.Hold> holds() {
    List<Scheduler.Hold> holds = new ArrayList<>();
    Member placed = record.driver();
    if (isOpen() && placed != null) {
      holds.add(
          new Scheduler.Hold(
              placed.getLeaseId(), Wants.DRIVER, placed.getWorkerId(), placed.getIncarnation()));
    }
    holds.addAll(tasks.holds());
    gangs.values().forEach(g -> holds.addAll(g.holds()));
    return holds;
  }

  // --- workers

  private Effect<JobEvent, JobRecord> onFromWorker(FromWorker m) {
    if (!isOpen()) {
      return handle(out -> ack(m));
    }
    if (m.message() instanceof ToJob.TasksEnded ends) {
      return onTasksEnded(m, ends);
    }
    return handle(out -> onMessage(m, out));
  }

  private void onMessage(FromWorker m, Outbox out) {
    ToJob message = m.message();
    if (message instanceof ToJob.SubmitTasks submit) {
      if (!onSubmitTasks(submit, out)) {
        return;
      }
    } else if (message instanceof ToJob.DriverStarted started) {
      onDriverStarted(started);
    } else if (message instanceof ToJob.SubmitGang submit) {
      onSubmitGang(submit, out);
    } else if (message instanceof ToJob.DriverEnded ended) {
      onDriverEnded(ended, out);
    } else if (message instanceof ToJob.TasksReturned returned) {
      tasks.onReturned(returned.leaseId(), returned.keys());
    } else if (message instanceof ToJob.MemberStarted started) {
      withGang(
          started.gangKey(), g -> g.onMemberStarted(started.generation(), started.rank(), out));
    } else if (message instanceof ToJob.MemberEnded ended) {
      withGang(
          ended.gangKey(),
          g -> g.onMemberEnded(ended.generation(), ended.rank(), ended.outcome(), out));
    } else if (message instanceof ToJob.CheckpointWritten written) {
      withGang(written.gangKey(), g -> g.onCheckpoint(written, out));
    } else if (message instanceof ToJob.ArtifactWritten written) {
      onArtifact(written, out);
    } else if (message instanceof ToJob.Progressed progressed) {
      progress = JobViews.progress(progressed);
      changed();
    }
    out.then(() -> ack(m));
  }

  private void ack(FromWorker m) {
    if (m.messageId() >= 0) {
      m.gateway().tell(new Gateway.Ack(m.workerId(), m.incarnation(), m.messageId()));
    }
  }

  private boolean isDriver(int attempt) {
    driverHeardAt = now();
    return record.driver() != null && attempt == record.attempt();
  }

  private void onDriverStarted(ToJob.DriverStarted m) {
    if (isDriver(m.attempt())) {
      driverRuns = true;
    }
  }

  private boolean onSubmitTasks(ToJob.SubmitTasks m, Outbox out) {
    if (!isDriver(m.attempt())) {
      return true;
    }
    if (tasks.open() > MAX_OPEN_TASKS) {
      return false;
    }
    driverRuns = true;
    List<TaskResult> known = new ArrayList<>();
    for (TaskSpec spec : m.tasks()) {
      TaskResult result = record.results().get(spec.key());
      if (result == null) {
        result = ending.get(spec.key());
      }
      boolean clash;
      if (result != null) {
        clash = !result.getInputHash().isEmpty() && !result.getInputHash().equals(spec.inputHash());
        if (record.results().containsKey(spec.key())) {
          known.add(result);
        }
      } else {
        TaskBoard.Submitted what = tasks.submit(spec);
        submittedTasks += what == TaskBoard.Submitted.NEW ? 1 : 0;
        clash = what == TaskBoard.Submitted.OTHER_INPUT;
      }
      if (clash) {
        failOtherInput(spec.key(), out);
        return true;
      }
    }
    tellOutcomes(known);
    tasks.dispatch();
    changed();
    return true;
  }

  private void failOtherInput(String key, Outbox out) {
    end(
        JobState.JOB_STATE_FAILED,
        Failure.newBuilder()
            .setWhere("driver")
            .setMessage(
                "'"
                    + key
                    + "' was submitted again with another input (expected: the same input under a"
                    + " key each time that the driver runs; seed what is random)")
            .build(),
        null,
        out);
  }

  private void onSubmitGang(ToJob.SubmitGang m, Outbox out) {
    if (!isDriver(m.attempt())) {
      return;
    }
    driverRuns = true;
    JobRecord.Gang known = record.gangs().get(m.key());
    if (known == null) {
      out.journal(
          out.event()
              .setGangSubmitted(
                  GangSubmitted.newBuilder()
                      .setKey(m.key())
                      .setClassName(m.className())
                      .setInput(Convert.payload(m.input()))
                      .setInputHash(m.inputHash())
                      .setMinSize(m.minSize())
                      .setMaxSize(m.maxSize())));
      out.then(
          () -> {
            addGang(m.key());
            demandDirty = true;
          });
    } else if (!known.submitted.getInputHash().equals(m.inputHash())) {
      failOtherInput(m.key(), out);
    } else if (known.ended != null) {
      tellGangOutcome(known.ended);
    }
  }

  private void onDriverEnded(ToJob.DriverEnded m, Outbox out) {
    if (!isDriver(m.attempt()) || !record.driver().getLeaseId().equals(m.leaseId())) {
      return;
    }
    if (m.error() == null) {
      endWithResult(m.result(), out);
    } else {
      end(
          JobState.JOB_STATE_FAILED,
          Failure.newBuilder()
              .setWhere("driver")
              .setMessage(m.error().message())
              .setStack(m.error().stack() == null ? "" : m.error().stack())
              .build(),
          null,
          out);
    }
  }

  /** A result that came as a blob is journaled itself, so that it lives as long as its job. */
  private void endWithResult(Payload result, Outbox out) {
    Payload whole = result;
    if (result != null && result.blob() != null && result.blob().bytes() <= MAX_RESULT_BYTES) {
      try {
        whole = Payload.inline(env.blobs().read(result.blob()));
      } catch (StoreException e) {
        String message = "the driver's result cannot be read: " + e.getMessage();
        end(
            JobState.JOB_STATE_FAILED,
            Failure.newBuilder().setWhere("driver").setMessage(message).build(),
            null,
            out);
        return;
      }
    }
    end(JobState.JOB_STATE_SUCCEEDED, null, whole, out);
  }

  private void onArtifact(ToJob.ArtifactWritten m, Outbox out) {
    ArtifactRecorded known = record.artifacts().get(m.name());
    if (known == null || !known.getBlob().equals(Convert.blob(m.blob()))) {
      out.journal(
          out.event()
              .setArtifactRecorded(
                  ArtifactRecorded.newBuilder()
                      .setName(m.name())
                      .setBlob(Convert.blob(m.blob()))
                      .setCreated(System.currentTimeMillis())));
    }
  }

  private interface GangAction {
    void on(GangMachine gang);
  }

  private void withGang(String key, GangAction action) {
    GangMachine gang = gangs.get(key);
    if (gang == null || gang.isEnded()) {
      return;
    }
    action.on(gang);
  }

  private void tellGangEnds(Outbox out) {
    for (JobEvent event : out.events()) {
      if (event.hasGangEnded()) {
        out.then(() -> tellGangOutcome(event.getGangEnded()));
      }
    }
  }

  // --- results

  private Effect<JobEvent, JobRecord> onTasksEnded(FromWorker m, ToJob.TasksEnded ends) {
    for (TaskEnd end : ends.ends()) {
      tasks.onEnd(ends.leaseId(), end);
      if (hasEnded(end.key())) {
        continue;
      }
      env.metrics().taskEnded(end.seconds(), end.error() != null);
      TaskResult.Builder result = TaskResult.newBuilder().setKey(end.key());
      if (end.error() != null) {
        result.setError(Convert.error(end.error()));
      } else if (end.result() != null) {
        result.setResult(Convert.payload(end.result()));
      }
      addEnding(result.build());
    }
    endingAcks.add(m);
    flushSoon();
    tasks.dispatch();
    settle();
    return Effect().none();
  }

  private void addEnding(TaskResult result) {
    ending.put(result.getKey(), result);
    flushSoon();
  }

  /** Behind all that has arrived by now, so that it goes into one write. */
  private void flushSoon() {
    if (!flushDue) {
      flushDue = true;
      ctx.getSelf().tell(Internal.FLUSH);
    }
  }

  private void flush(Outbox out) {
    flushDue = false;
    List<TaskResult> results = List.copyOf(ending.values());
    List<FromWorker> acks = List.copyOf(endingAcks);
    ending.clear();
    endingAcks.clear();
    if (!results.isEmpty()) {
      out.journal(out.event().setTasksEnded(TasksEnded.newBuilder().addAllResults(results)));
      out.then(() -> tellOutcomes(results));
    }
    out.then(() -> acks.forEach(this::ack));
  }

  private void tellOutcomes(List<TaskResult> results) {
    List<Outcome> outcomes = new ArrayList<>();
    int bytes = 0;
    for (TaskResult r : results) {
      Outcome outcome =
          new Outcome(
              r.getKey(),
              r.hasError() ? null : r.hasResult() ? Convert.payload(r.getResult()) : null,
              r.hasError() ? Convert.error(r.getError()) : null);
      int size = sizeOf(outcome);
      if (!outcomes.isEmpty()
          && (outcomes.size() == Limits.MAX_BATCH || bytes + size > Limits.MAX_MESSAGE_BYTES)) {
        sendOutcomes(outcomes);
        outcomes = new ArrayList<>();
        bytes = 0;
      }
      outcomes.add(outcome);
      bytes += size;
    }
    if (!outcomes.isEmpty()) {
      sendOutcomes(outcomes);
    }
  }

  private void tellGangOutcome(GangEnded ended) {
    ErrorInfo error = ended.hasError() ? Convert.error(ended.getError()) : null;
    sendOutcomes(
        List.of(
            new Outcome(
                ended.getKey(),
                ended.hasResult() ? Convert.payload(ended.getResult()) : null,
                error)));
  }

  private void sendOutcomes(List<Outcome> outcomes) {
    if (driver != null) {
      outcomesSentAt = now();
      port.send(driver, new FromCoordinator.Outcomes(jobId, record.attempt(), outcomes));
    }
  }

  private static int sizeOf(Outcome o) {
    return o.key().length()
        + 60
        + (o.result() == null ? 0 : o.result().inlineBytes())
        + (o.error() == null ? 0 : o.error().message().length() + o.error().stack().length());
  }

  // --- the end

  private void end(JobState state, Failure failure, Payload result, Outbox out) {
    flush(out);
    JobEnded.Builder ended = JobEnded.newBuilder().setState(state);
    if (failure != null) {
      ended.setFailure(failure);
    }
    if (result != null) {
      ended.setResult(Convert.payload(result));
    }
    Member placed = record.driver();
    boolean succeeded = state == JobState.JOB_STATE_SUCCEEDED;
    out.journal(out.event().setEnded(ended));
    out.then(
        () -> {
          if (placed != null) {
            port.release(placed.getLeaseId(), !succeeded, "the job has ended");
          }
          releaseWork("the job has ended");
        });
  }

  private void releaseWork(String reason) {
    driver = null;
    tasks.releaseAll(true, reason);
    gangs.values().forEach(g -> g.releaseAll(true, reason));
    reasons.clear();
    demandDirty = true;
  }

  /** Stops every lease; the job is cancelled when they have stopped. */
  private void stopAll(String reason) {
    Member placed = record.driver();
    holds().forEach(h -> stopping.add(h.leaseId()));
    if (placed != null) {
      stopping.add(placed.getLeaseId());
      port.release(placed.getLeaseId(), true, reason);
    }
    stopDeadline = now() + CANCEL_DEADLINE_MILLIS;
    releaseWork(reason);
  }

  private void endCancelled(Outbox out) {
    if (record.cancel() != null
        && !record.isTerminal()
        && (stopping.isEmpty() || now() > stopDeadline)) {
      out.journal(
          out.event()
              .setEnded(
                  JobEnded.newBuilder()
                      .setState(JobState.JOB_STATE_CANCELLED)
                      .setFailure(Failure.newBuilder().setMessage(record.cancel().getReason()))));
    }
  }

  // --- time

  private Effect<JobEvent, JobRecord> onInternal(Internal m) {
    return switch (m) {
      case FLUSH -> handle(this::onFlush);
      case TICK -> handle(this::onTick);
      case PUBLISH -> {
        publish();
        yield Effect().none();
      }
      case PASSIVATE -> {
        shard.tell(new ClusterSharding.Passivate<>(ctx.getSelf()));
        yield Effect().none();
      }
    };
  }

  private void onFlush(Outbox out) {
    if (record.isTerminal()) {
      ending.clear();
    }
    flush(out);
  }

  private void onTick(Outbox out) {
    if (!record.exists() || record.isTerminal()) {
      return;
    }
    long now = now();
    if (record.cancel() != null) {
      endCancelled(out);
      return;
    }
    tasks.onTick();
    for (GangMachine gang : gangs.values()) {
      if (!gang.isEnded()) {
        gang.onTick(out);
      }
    }
    if (driver != null) {
      boolean unheard = !driverRuns && now - driverSentAt > DRIVER_RESEND_MILLIS;
      boolean quiet =
          outcomesSentAt > driverHeardAt
              && now - outcomesSentAt > DRIVER_NUDGE_MILLIS
              && now - driverSentAt > DRIVER_NUDGE_MILLIS;
      if (unheard || quiet) {
        startDriver();
      }
    }
    boolean driverDue = record.driver() == null && driverNotBefore != 0 && now >= driverNotBefore;
    if (driverDue) {
      driverNotBefore = 0;
      demandDirty = true;
    }
    if (now - demandToldAt > DEMAND_EVERY_MILLIS) {
      demandDirty = true;
    }
  }

  // --- watchers

  private void changed() {
    if (!watchers.isEmpty() && !timers.isTimerActive(Internal.PUBLISH)) {
      timers.startSingleTimer(Internal.PUBLISH, PUBLISH_EVERY);
    }
  }

  private void publish() {
    long now = now();
    watchers.values().removeIf(until -> until < now);
    if (!watchers.isEmpty()) {
      Job job = view();
      watchers.keySet().forEach(w -> w.tell(job));
    }
  }

  private Job view() {
    if (!record.exists()) {
      return Job.getDefaultInstance();
    }
    return JobViews.job(record, pendingReason(), progress, counts(), gangs);
  }

  private JobViews.Counts counts() {
    return new JobViews.Counts(submittedTasks, tasks.running(), tasks.retried());
  }

  /** The driver's wait comes first; then what work waits for, if none of it runs. */
  private String pendingReason() {
    if (record.isTerminal() || record.cancel() != null) {
      return "";
    }
    if (record.driver() == null) {
      return reasons.getOrDefault(
          Wants.DRIVER,
          now() < driverNotBefore
              ? "the driver is started again after a pause"
              : "the scheduler looks for a driver slot");
    }
    return reasons.entrySet().stream()
        .filter(e -> !e.getKey().equals(Wants.DRIVER))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }
}
