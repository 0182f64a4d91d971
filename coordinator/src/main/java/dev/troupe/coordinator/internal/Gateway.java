package dev.troupe.coordinator.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.cluster.NodeException;
import dev.troupe.cluster.SecurityConfig;
import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where workers speak to: passes on what they say to the scheduler and to job entities, and tells
 * them what has been journaled. Speaks {@link FromWorker} to the outside and {@link Command}
 * inside.
 */
final class Gateway extends AbstractBehavior<CborMessage> {

  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

  sealed interface Command extends CborMessage {}

  /** A worker's message is durable. */
  record Ack(String workerId, String incarnation, long messageId) implements Command {}

  private enum FlushAcks implements Command {
    NOW
  }

  /** Workers that are remembered; those silent for longest are forgotten. */
  private static final int MAX_WORKERS = 10_000;

  private record Worker(String incarnation, ActorRef<FromCoordinator> ref) {}

  private final SecurityConfig security;
  private final ActorRef<SchedulerCommand> scheduler;
  private final Jobs jobs;
  private final Map<String, Worker> workers =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Worker> eldest) {
          return size() > MAX_WORKERS;
        }
      };
  private final Map<Worker, List<Long>> acks = new LinkedHashMap<>();

  static Behavior<CborMessage> create(
      SecurityConfig security, ActorRef<SchedulerCommand> scheduler, Jobs jobs) {
    return Behaviors.setup(ctx -> new Gateway(ctx, security, scheduler, jobs));
  }

  private Gateway(
      ActorContext<CborMessage> ctx,
      SecurityConfig security,
      ActorRef<SchedulerCommand> scheduler,
      Jobs jobs) {
    super(ctx);
    this.security = security;
    this.scheduler = scheduler;
    this.jobs = jobs;
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
        .onMessage(Ack.class, this::onAck)
        .onMessage(FlushAcks.class, m -> onFlushAcks())
        .build();
  }

  private Behavior<CborMessage> onHello(FromWorker.Hello m) {
    String expected;
    try {
      expected = security.proof(m.info().identity());
    } catch (NodeException e) {
      LOG.error("No worker can register: {}", e.getMessage());
      return this;
    }
    String shown = m.proof() == null ? "" : m.proof();
    if (!MessageDigest.isEqual(shown.getBytes(UTF_8), expected.getBytes(UTF_8))) {
      refuse(m, shown.isEmpty(), expected.isEmpty());
      return this;
    }
    workers.put(m.info().workerId(), new Worker(m.info().incarnation(), m.self()));
    scheduler.tell(new SchedulerCommand.WorkerHello(m));
    return this;
  }

  private void refuse(FromWorker.Hello m, boolean noneShown, boolean noneExpected) {
    String why =
        noneShown
            ? "it has no token, the coordinator has one"
            : noneExpected
                ? "it has a token, the coordinator has none"
                : "its token is not the coordinator's";
    LOG.warn(
        "Worker {} on {} was refused: {} (troupe.security.token-file)",
        m.info().workerId(),
        m.info().host(),
        why);
    m.self().tell(new FromCoordinator.Refused(m.info().incarnation(), why));
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
    jobs.tell(
        m.jobId(),
        new JobCommand.FromWorker(
            m.workerId(), m.incarnation(), m.messageId(), m.message(), getContext().getSelf()));
    return this;
  }

  private Behavior<CborMessage> onNote(FromWorker.Note m) {
    jobs.tell(
        m.jobId(),
        new JobCommand.FromWorker(
            m.workerId(), m.incarnation(), -1, m.message(), getContext().getSelf()));
    return this;
  }

  /**
   * A worker answers by way of its own coordinator, which need not be the one that asked: so the
   * request's id is the asker's address.
   */
  private Behavior<CborMessage> onChecked(FromWorker.OptionsChecked m) {
    ActorRefResolver.get(getContext().getSystem())
        .<FromWorker.OptionsChecked>resolveActorRef(m.requestId())
        .tell(m);
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
