package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.BlobRef;
import dev.troupe.proto.journal.v1.CancelRequested;
import dev.troupe.proto.journal.v1.JobAccepted;
import dev.troupe.proto.journal.v1.JobEvent;
import dev.troupe.proto.journal.v1.JobSnapshot;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import java.time.Duration;
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
 * <p>What must survive is in {@link JobRecord}, the fold of journaled events; what can be learned
 * again is in {@link LiveJob}, which decides what a message leads to. The entity carries it out: an
 * {@link Outbox}'s events are journaled first, then it acts, then the scheduler and the index hear
 * of what has changed.
 */
final class JobEntity extends EventSourcedBehavior<JobCommand, JobEvent, JobRecord> {

  static final EntityTypeKey<JobCommand> TYPE = EntityTypeKey.create(JobCommand.class, "job");

  private static final Duration TICK_EVERY = Duration.ofMillis(200);

  /** Changes are told to watchers at most so often. */
  private static final Duration PUBLISH_EVERY = Duration.ofMillis(100);

  /**
   * Results gather for so long before they are journaled: a write holds up what comes meanwhile.
   */
  private static final Duration GATHER = Duration.ofMillis(10);

  /** An ended job leaves memory when nobody has asked for it for so long. */
  private static final Duration PASSIVATE_AFTER = Duration.ofSeconds(60);

  /** The demand is told again so often, for a scheduler that was started anew. */
  private static final long DEMAND_EVERY_MILLIS = 3_000;

  private static final int SNAPSHOT_EVERY = 500;

  /** What an entity needs to know of its coordinator. */
  record Env(
      Settings settings,
      CoordinatorMetrics metrics,
      ActorRef<SchedulerCommand> scheduler,
      ActorRef<JobIndex.Command> index,
      ActorRef<LogWriter.Command> logs,
      BlobReader blobs) {}

  /** Reads a blob as text; throws {@link dev.troupe.core.StoreException}. */
  @FunctionalInterface
  interface BlobReader {
    String read(BlobRef blob);
  }

  private final ActorContext<JobCommand> ctx;
  private final TimerScheduler<JobCommand> timers;
  private final ActorRef<ClusterSharding.ShardCommand> shard;
  private final Env env;
  private final String jobId;
  private final Watchers watchers = new Watchers();

  private JobRecord record;
  private LiveJob live;
  private boolean recovering;
  private boolean flushDue;
  private boolean demandDirty;
  private long demandToldAt;
  private JobState toldState = JobState.JOB_STATE_UNSPECIFIED;

  static Behavior<JobCommand> create(
      String jobId, Env env, ActorRef<ClusterSharding.ShardCommand> shard) {
    return Behaviors.setup(
        ctx -> Behaviors.withTimers(timers -> new JobEntity(ctx, timers, shard, env, jobId)));
  }

  static PersistenceId persistenceId(String jobId) {
    return PersistenceId.of(TYPE.name(), jobId);
  }

  private JobEntity(
      ActorContext<JobCommand> ctx,
      TimerScheduler<JobCommand> timers,
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
  public CommandHandler<JobCommand, JobEvent, JobRecord> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(JobCommand.FromWorker.class, (s, m) -> onFromWorker(m))
        .onCommand(JobCommand.ToSelf.class, (s, m) -> onToSelf(m))
        .onCommand(
            JobCommand.Granted.class, (s, m) -> handle(out -> live.onGranted(m.slots(), out)))
        .onCommand(
            JobCommand.LeaseLost.class,
            (s, m) -> handle(out -> live.onLeaseLost(m.leaseId(), m.reason(), out)))
        .onCommand(
            JobCommand.LeaseDraining.class,
            (s, m) -> handle(out -> live.onLeaseDraining(m.leaseId(), out)))
        .onCommand(JobCommand.GiveBack.class, (s, m) -> handle(out -> live.onGiveBack(m.leaseId())))
        .onCommand(
            JobCommand.LeaseStopped.class,
            (s, m) -> handle(out -> live.onLeaseStopped(m.leaseId(), out)))
        .onCommand(
            JobCommand.HeldByWorker.class,
            (s, m) -> handle(out -> live.onHeld(m.slot(), m.held(), out)))
        .onCommand(JobCommand.Waiting.class, (s, m) -> handle(out -> onWaiting(m)))
        .onCommand(JobCommand.Accept.class, (s, m) -> handle(out -> onAccept(m, out)))
        .onCommand(JobCommand.Get.class, (s, m) -> handle(out -> m.replyTo().tell(view())))
        .onCommand(JobCommand.Watch.class, (s, m) -> handle(out -> onWatch(m)))
        .onCommand(JobCommand.Cancel.class, (s, m) -> handle(out -> onCancel(m, out)))
        .onCommand(
            JobCommand.ListArtifacts.class,
            (s, m) -> handle(out -> m.replyTo().tell(JobViews.artifacts(record))))
        .build();
  }

  private interface Handler {
    void handle(Outbox out);
  }

  private Effect<JobEvent, JobRecord> handle(Handler handler) {
    Outbox out = new Outbox();
    handler.handle(out);
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
      demandDirty = false;
      demandToldAt = now();
      env.scheduler().tell(live.demand(recovering));
      recovering = false;
    }
    if (record.state() != toldState) {
      tellIndex();
      if (record.isTerminal()) {
        timers.cancel(JobCommand.ToSelf.TICK);
        stayFor();
      }
    }
  }

  private void tellIndex() {
    toldState = record.state();
    env.index().tell(new JobIndex.Changed(Wire.encode(JobViews.summary(view()))));
  }

  private void stayFor() {
    timers.startSingleTimer(JobCommand.ToSelf.PASSIVATE, PASSIVATE_AFTER);
  }

  private void onRecovered(JobRecord state) {
    record = state;
    begin();
    if (!state.exists()) {
      return;
    }
    demandDirty = true;
    if (state.isTerminal()) {
      tellIndex();
      stayFor();
    }
    if (state.cancel() != null && !state.isTerminal()) {
      live.cancel("cancelled");
    }
    recovering = !state.isTerminal();
    settle();
  }

  private void begin() {
    flushDue = false;
    live = new LiveJob(jobId, record, env, new Port());
    if (record.exists() && !record.isTerminal()) {
      timers.startTimerWithFixedDelay(JobCommand.ToSelf.TICK, JobCommand.ToSelf.TICK, TICK_EVERY);
    }
  }

  // --- the front door

  private void onAccept(JobCommand.Accept m, Outbox out) {
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
    if (record.isTerminal()) {
      tellIndex(); // which would not wake it if it knew
    }
  }

  private void onWatch(JobCommand.Watch m) {
    boolean isNew = watchers.add(m.watcher(), now());
    if (isNew || record.isTerminal()) {
      m.watcher().tell(view());
    }
    if (record.isTerminal()) {
      stayFor();
    }
  }

  private void onCancel(JobCommand.Cancel m, Outbox out) {
    if (record.isOpen()) {
      out.journal(
          out.event().setCancelRequested(CancelRequested.newBuilder().setReason(m.reason())));
      out.then(() -> live.cancel("job cancelled"));
      out.then(() -> ctx.getSelf().tell(JobCommand.ToSelf.TICK));
    }
    out.then(() -> m.replyTo().tell(view()));
  }

  private Job view() {
    return record.exists() ? live.view() : Job.getDefaultInstance();
  }

  private void onWaiting(JobCommand.Waiting m) {
    live.onWaiting(m.reasons());
    changed();
  }

  // --- workers

  private Effect<JobEvent, JobRecord> onFromWorker(JobCommand.FromWorker m) {
    if (m.message() instanceof ToJob.LogLines lines && record.exists()) {
      return handle(out -> onLogLines(m, lines));
    }
    if (!record.isOpen()) {
      return handle(out -> m.acknowledge());
    }
    if (m.message() instanceof ToJob.TasksEnded ends) {
      return handle(out -> live.onTasksEnded(m, ends, out));
    }
    return handle(
        out -> {
          if (live.beginsPhase(m.message()) && timers.isTimerActive(JobCommand.ToSelf.PUBLISH)) {
            publish(); // or nobody would see how the phase before ended
          }
          live.onMessage(m.message(), out);
          out.then(m::acknowledge);
          changed();
        });
  }

  /** Written here, whichever coordinator they came by: a job's log has one writer. */
  private void onLogLines(JobCommand.FromWorker m, ToJob.LogLines lines) {
    env.logs()
        .tell(
            new LogWriter.Write(
                jobId, m.workerId(), m.incarnation(), m.messageId(), lines, m.gateway()));
  }

  private final class Port implements JobPort {
    @Override
    public void send(Slot slot, FromCoordinator message) {
      slot.lease().worker().tell(message);
    }

    @Override
    public void release(String leaseId, boolean stop, String reason) {
      env.scheduler().tell(new SchedulerCommand.Release(jobId, leaseId, stop, reason));
    }

    @Override
    public void suspect(String leaseId, String reason) {
      env.scheduler().tell(new SchedulerCommand.Suspect(jobId, leaseId, reason));
    }

    @Override
    public void demandChanged() {
      demandDirty = true;
    }

    @Override
    public void flushSoon() {
      if (!flushDue) {
        flushDue = true;
        timers.startSingleTimer(JobCommand.ToSelf.FLUSH, GATHER);
      }
    }

    @Override
    public long now() {
      return JobEntity.now();
    }
  }

  // --- time

  private Effect<JobEvent, JobRecord> onToSelf(JobCommand.ToSelf m) {
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
    flushDue = false;
    live.flush(out);
  }

  private void onTick(Outbox out) {
    if (!record.exists() || record.isTerminal()) {
      return;
    }
    live.onTick(out);
    if (record.isOpen() && now() - demandToldAt > DEMAND_EVERY_MILLIS) {
      demandDirty = true;
    }
  }

  private void changed() {
    if (!watchers.isEmpty() && !timers.isTimerActive(JobCommand.ToSelf.PUBLISH)) {
      timers.startSingleTimer(JobCommand.ToSelf.PUBLISH, PUBLISH_EVERY);
    }
  }

  private void publish() {
    watchers.dropSilent(now());
    if (!watchers.isEmpty()) {
      watchers.tell(view());
    }
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }
}
