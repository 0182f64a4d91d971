package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.ToJob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Where workers speak to: passes on what they say to the scheduler and to job entities, and tells
 * them what has been journaled. Speaks {@link FromWorker} to the outside and {@link Command}
 * inside.
 */
final class Gateway extends AbstractBehavior<CborMessage> {

  sealed interface Command extends CborMessage {}

  /** A worker's message is durable. */
  record Ack(String workerId, String incarnation, long messageId) implements Command {}

  /** Has a worker check a job's options. */
  record Check(
      String requestId,
      String workload,
      String optionsJson,
      ActorRef<FromCoordinator> worker,
      ActorRef<FromWorker.OptionsChecked> replyTo)
      implements Command {}

  private enum FlushAcks implements Command {
    NOW
  }

  /** Checks under way that are remembered; the oldest are forgotten, their askers time out. */
  private static final int MAX_CHECKS = 1_000;

  private record Worker(String incarnation, ActorRef<FromCoordinator> ref) {}

  private final ActorRef<SchedulerCommand> scheduler;
  private final Jobs jobs;
  private final ActorRef<LogWriter.Write> logs;
  private final Map<String, Worker> workers = new HashMap<>();
  private final Map<Worker, List<Long>> acks = new LinkedHashMap<>();
  private final Map<String, ActorRef<FromWorker.OptionsChecked>> checks =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(
            Map.Entry<String, ActorRef<FromWorker.OptionsChecked>> eldest) {
          return size() > MAX_CHECKS;
        }
      };

  static Behavior<CborMessage> create(
      ActorRef<SchedulerCommand> scheduler, Jobs jobs, LogWriter.Sink logs) {
    return Behaviors.setup(ctx -> new Gateway(ctx, scheduler, jobs, logs));
  }

  private Gateway(
      ActorContext<CborMessage> ctx,
      ActorRef<SchedulerCommand> scheduler,
      Jobs jobs,
      LogWriter.Sink logs) {
    super(ctx);
    this.scheduler = scheduler;
    this.jobs = jobs;
    this.logs = ctx.spawn(LogWriter.create(logs), "logs", DispatcherSelector.blocking());
  }

  @Override
  public Receive<CborMessage> createReceive() {
    return newReceiveBuilder()
        .onMessage(FromWorker.Envelope.class, this::onEnvelope)
        .onMessage(FromWorker.Note.class, this::onNote)
        .onMessage(FromWorker.Heartbeat.class, this::onHeartbeat)
        .onMessage(FromWorker.Hello.class, this::onHello)
        .onMessage(FromWorker.Draining.class, this::onDraining)
        .onMessage(FromWorker.Goodbye.class, this::onGoodbye)
        .onMessage(FromWorker.OptionsChecked.class, this::onChecked)
        .onMessage(Check.class, this::onCheck)
        .onMessage(Ack.class, this::onAck)
        .onMessage(FlushAcks.class, m -> onFlushAcks())
        .build();
  }

  private Behavior<CborMessage> onHello(FromWorker.Hello m) {
    workers.put(m.info().workerId(), new Worker(m.info().incarnation(), m.self()));
    scheduler.tell(new SchedulerCommand.WorkerHello(m));
    return this;
  }

  private Behavior<CborMessage> onHeartbeat(FromWorker.Heartbeat m) {
    workers.put(m.workerId(), new Worker(m.incarnation(), m.self()));
    scheduler.tell(new SchedulerCommand.WorkerBeat(m));
    return this;
  }

  private Behavior<CborMessage> onDraining(FromWorker.Draining m) {
    scheduler.tell(new SchedulerCommand.WorkerDraining(m.workerId(), m.incarnation()));
    return this;
  }

  private Behavior<CborMessage> onGoodbye(FromWorker.Goodbye m) {
    workers.remove(m.workerId());
    scheduler.tell(new SchedulerCommand.WorkerGone(m.workerId(), m.incarnation()));
    return this;
  }

  private Behavior<CborMessage> onEnvelope(FromWorker.Envelope m) {
    if (m.message() instanceof ToJob.LogLines lines) {
      logs.tell(
          new LogWriter.Write(
              m.jobId(),
              m.workerId(),
              m.incarnation(),
              m.messageId(),
              lines,
              getContext().getSelf()));
    } else {
      jobs.tell(
          m.jobId(),
          new JobCommand.FromWorker(
              m.workerId(), m.incarnation(), m.messageId(), m.message(), getContext().getSelf()));
    }
    return this;
  }

  private Behavior<CborMessage> onNote(FromWorker.Note m) {
    jobs.tell(
        m.jobId(),
        new JobCommand.FromWorker(
            m.workerId(), m.incarnation(), -1, m.message(), getContext().getSelf()));
    return this;
  }

  private Behavior<CborMessage> onCheck(Check m) {
    checks.put(m.requestId(), m.replyTo());
    m.worker().tell(new FromCoordinator.CheckOptions(m.requestId(), m.workload(), m.optionsJson()));
    return this;
  }

  private Behavior<CborMessage> onChecked(FromWorker.OptionsChecked m) {
    ActorRef<FromWorker.OptionsChecked> asker = checks.remove(m.requestId());
    if (asker != null) {
      asker.tell(m);
    }
    return this;
  }

  private Behavior<CborMessage> onAck(Ack m) {
    Worker worker = workers.get(m.workerId());
    if (worker != null && worker.incarnation().equals(m.incarnation())) {
      if (acks.isEmpty()) {
        getContext().getSelf().tell(FlushAcks.NOW);
      }
      acks.computeIfAbsent(worker, w -> new ArrayList<>()).add(m.messageId());
    }
    return this;
  }

  private Behavior<CborMessage> onFlushAcks() {
    acks.forEach((w, ids) -> w.ref().tell(new FromCoordinator.Delivered(w.incarnation(), ids)));
    acks.clear();
    return this;
  }
}
