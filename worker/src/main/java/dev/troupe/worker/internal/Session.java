package dev.troupe.worker.internal;

import static org.apache.pekko.actor.ActorRef.noSender;

import dev.troupe.cluster.HostPort;
import dev.troupe.cluster.SecurityConfig;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Gateway;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.WorkerInfo;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.ActorSelection;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker's conversation with its coordinators. It finds one that answers, keeps the leases
 * alive by heartbeats, hands incoming work to the runners, and stops work whose lease is gone. It
 * never waits: all work is on threads of its own.
 *
 * <pre>
 *   SEEKING    -- Welcome --------------------------------> REGISTERED
 *   REGISTERED -- MISSED_BEATS beats without an answer ---> SEEKING (the next coordinator)
 *   REGISTERED -- WhoAreYou ------------------------------> SEEKING (the same one)
 *   any        -- Fenced: all work stops, new incarnation -> SEEKING
 *   any        -- silence for abandonAfter: the same ------> SEEKING
 *   SEEKING    -- Refused, if never registered before -----> the process ends
 *   any        -- Drain, when nothing runs any more -------> the process ends
 * </pre>
 */
public final class Session extends AbstractBehavior<Session.Command> {

  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  /** Heartbeats without an answer until another coordinator is tried. */
  private static final int MISSED_BEATS = 3;

  private static final Duration FIRST_RETRY = Duration.ofMillis(250);
  private static final Duration LAST_RETRY = Duration.ofSeconds(2);

  /** After the deadline of a drain: the time to get the last messages out. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  /** Until the first Welcome says otherwise. */
  private static final Duration DEFAULT_BEAT = Duration.ofSeconds(1);

  private static final Duration DEFAULT_ABANDON = Duration.ofMinutes(2);

  /** Messages of the session. */
  public sealed interface Command {}

  private record Received(FromCoordinator message) implements Command {}

  /** From another thread, to whichever coordinator is ours. */
  private record Answer(FromWorker message) implements Command {}

  private enum Tick implements Command {
    BEAT,
    FREED,
    HELLO,
    RESEND
  }

  /**
   * How it may end by itself.
   *
   * @param drained a user has drained the worker, and it has left
   * @param refused the cluster does not let it in; says why
   */
  public record Ends(CompletableFuture<Void> drained, CompletableFuture<String> refused) {}

  /** SIGTERM: finish what runs, then leave. */
  public record Leave(CompletableFuture<Void> left) implements Command {}

  private enum State {
    SEEKING,
    REGISTERED
  }

  private final Services services;
  private final WorkerInfo info;
  private final SecurityConfig security;
  private final Ends ends;
  private final TimerScheduler<Command> timers;
  private final ActorRef<FromCoordinator> self;
  private final Dispatch dispatch;

  private State state = State.SEEKING;
  private String incarnation;
  private int coordinator;
  private Duration retry = FIRST_RETRY;
  private Duration beat = DEFAULT_BEAT;
  private Duration abandonAfter = DEFAULT_ABANDON;
  private long beats;
  private long answeredAt = System.nanoTime();
  private boolean draining;
  private boolean everWelcome;
  private boolean gone;
  private CompletableFuture<Void> leaving;
  private long leaveBy;

  private Session(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      Services services,
      WorkerInfo info,
      SecurityConfig security,
      Ends ends) {
    super(context);
    this.security = security;
    this.ends = ends;
    this.services = services;
    this.info = info;
    this.timers = timers;
    this.incarnation = info.incarnation();
    this.self = context.messageAdapter(FromCoordinator.class, Received::new);
    this.dispatch = new Dispatch(services, answer -> context.getSelf().tell(new Answer(answer)));
    ActorRef<Command> own = context.getSelf();
    services.leases().whenFreed(() -> own.tell(Tick.FREED));
    timers.startTimerWithFixedDelay(Tick.BEAT, DEFAULT_BEAT);
    timers.startTimerWithFixedDelay(Tick.RESEND, Outbox.RESEND_AFTER);
    sayHello();
  }

  public static Behavior<Command> create(
      Services services, WorkerInfo info, SecurityConfig security, Ends ends) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> new Session(context, timers, services, info, security, ends)));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Received.class, this::onReceived)
        .onMessageEquals(Tick.BEAT, this::onBeat)
        .onMessageEquals(Tick.FREED, this::onFreed)
        .onMessageEquals(Tick.HELLO, this::onHello)
        .onMessageEquals(Tick.RESEND, this::onResend)
        .onMessage(Answer.class, this::onAnswer)
        .onMessage(Leave.class, this::onLeave)
        .build();
  }

  private Behavior<Command> onReceived(Received received) {
    FromCoordinator message = received.message();
    if (gone) {
      LOG.debug("after the goodbye: {}", message);
    } else if (message instanceof FromCoordinator.Welcome welcome) {
      onWelcome(welcome);
    } else if (message instanceof FromCoordinator.HeartbeatAck ack) {
      answeredAt = System.nanoTime();
      ack.unknown().forEach(leaseId -> dispatch.stop(leaseId, "the coordinator gave it up"));
    } else if (message instanceof FromCoordinator.WhoAreYou) {
      answeredAt = System.nanoTime();
      seek();
    } else if (message instanceof FromCoordinator.Fenced fenced) {
      onFenced(fenced);
    } else if (message instanceof FromCoordinator.Refused refused) {
      onRefused(refused);
    } else if (message instanceof FromCoordinator.Drain) {
      onDrain();
    } else {
      dispatch.handle(message, incarnation);
    }
    return this;
  }

  private Behavior<Command> onAnswer(Answer answer) {
    gateway().tell(answer.message());
    return this;
  }

  private void onWelcome(FromCoordinator.Welcome welcome) {
    answeredAt = System.nanoTime();
    everWelcome = true;
    retry = FIRST_RETRY;
    timers.cancel(Tick.HELLO);
    if (state != State.REGISTERED) {
      LOG.info("registered with {} as {} ({})", address(), info.workerId(), incarnation);
    }
    state = State.REGISTERED;
    abandonAfter = welcome.abandonAfter();
    if (!beat.equals(welcome.heartbeatEvery())) {
      beat = welcome.heartbeatEvery();
      timers.startTimerWithFixedDelay(Tick.BEAT, beat);
    }
    services.outbox().attach(gateway());
  }

  private Behavior<Command> onBeat() {
    services.metrics().slots(services.leases());
    Duration silence = Duration.ofNanos(System.nanoTime() - answeredAt);
    if (silence.compareTo(abandonAfter) > 0 && !services.leases().active().isEmpty()) {
      LOG.error("no coordinator has answered for {} s: all work stops", abandonAfter.toSeconds());
      dispatch.stopAll("no coordinator answers");
      incarnation = UUID.randomUUID().toString();
      services.outbox().renew(incarnation);
    }
    if (state == State.REGISTERED) {
      if (silence.compareTo(beat.multipliedBy(MISSED_BEATS)) > 0) {
        LOG.warn("{} is silent; looking for a coordinator", address());
        coordinator++;
        seek();
      } else {
        sendBeat();
      }
    }
    if (leaving != null) {
      leaveIfDone();
    }
    return this;
  }

  /**
   * A slot is given out again once a heartbeat does not name its lease: no need to wait for one.
   */
  private Behavior<Command> onFreed() {
    if (state == State.REGISTERED) {
      sendBeat();
    }
    return this;
  }

  private void sendBeat() {
    gateway()
        .tell(new FromWorker.Heartbeat(info.workerId(), incarnation, beats++, leaseIds(), self));
  }

  private void seek() {
    state = State.SEEKING;
    services.outbox().detach();
    retry = FIRST_RETRY;
    sayHello();
  }

  private Behavior<Command> onHello() {
    if (state == State.SEEKING) {
      coordinator++;
      sayHello();
    }
    return this;
  }

  private void sayHello() {
    List<FromWorker.Held> held = services.leases().active().stream().map(Work::held).toList();
    selection()
        .tell(
            new FromWorker.Hello(
                infoNow(), self, held, draining, security.proof(infoNow().identity())),
            noSender());
    timers.startSingleTimer(Tick.HELLO, retry);
    Duration doubled = retry.multipliedBy(2);
    retry = doubled.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : doubled;
  }

  private void onFenced(FromCoordinator.Fenced fenced) {
    answeredAt = System.nanoTime();
    if (!fenced.incarnation().equals(incarnation)) {
      return;
    }
    LOG.warn("fenced: {}; all work stops", fenced.reason());
    dispatch.stopAll(fenced.reason());
    incarnation = UUID.randomUUID().toString();
    services.outbox().fence(incarnation);
    seek();
  }

  /**
   * Work that runs under an older token goes on: the tokens of a cluster are changed one node after
   * the other.
   */
  private void onRefused(FromCoordinator.Refused refused) {
    if (!refused.incarnation().equals(incarnation)) {
      return;
    }
    LOG.error(
        "{} refuses this worker: {} (troupe.security.token-file)", address(), refused.reason());
    if (!everWelcome) {
      gone = true;
      timers.cancelAll();
      ends.refused().complete(address() + " refuses this worker: " + refused.reason());
    }
  }

  private Behavior<Command> onResend() {
    services.outbox().resend();
    services.metrics().outbox(services.outbox());
    return this;
  }

  private void drain() {
    if (!draining) {
      draining = true;
      LOG.info("draining: no new work; what runs may finish");
      dispatch.drain();
    }
    gateway().tell(new FromWorker.Draining(info.workerId(), incarnation));
  }

  /** A user's wish, who may wait: without a limit, unless SIGTERM sets one. */
  private void onDrain() {
    drain();
    if (leaving == null) {
      leaving = ends.drained();
      leaveBy = System.nanoTime() + Long.MAX_VALUE / 2;
      leaveIfDone();
    }
  }

  private Behavior<Command> onLeave(Leave leave) {
    leaving = leave.left();
    leaveBy = System.nanoTime() + services.settings().drainTimeout().toNanos();
    drain();
    leaveIfDone();
    return this;
  }

  /** Drivers stop last: the coordinator starts them elsewhere when it hears Goodbye. */
  private void leaveIfDone() {
    boolean late = System.nanoTime() - leaveBy > 0;
    boolean muchTooLate = System.nanoTime() - leaveBy > LAST_WORDS.toNanos();
    List<Work> works = services.leases().all();
    if (late && works.stream().anyMatch(Work::busy)) {
      LOG.warn("the drain takes too long: what still runs is cut off");
      works.forEach(work -> work.stop("drain-timeout"));
    }
    boolean idle = works.stream().noneMatch(Work::busy);
    if (idle) {
      services.leases().all(DriverRunner.class).forEach(driver -> driver.stop("drained"));
    }
    if (muchTooLate || (idle && services.outbox().size() == 0)) {
      gateway().tell(new FromWorker.Goodbye(info.workerId(), incarnation));
      timers.cancelAll();
      gone = true;
      leaving.complete(null);
    } else {
      timers.startSingleTimer(Tick.BEAT.name(), Tick.BEAT, Duration.ofMillis(50));
    }
  }

  private List<String> leaseIds() {
    return services.leases().all().stream().map(Work::lease).map(Lease::leaseId).toList();
  }

  private WorkerInfo infoNow() {
    return new WorkerInfo(
        info.workerId(),
        incarnation,
        info.host(),
        info.hostId(),
        info.dataPort(),
        info.slots(),
        info.driverSlots(),
        info.pid(),
        info.version(),
        info.workloads());
  }

  private HostPort address() {
    List<HostPort> all = services.settings().coordinators();
    return all.get(Math.floorMod(coordinator, all.size()));
  }

  /**
   * A coordinator that left in good order and came back at the same address is quarantined by
   * Artery; nothing but a selection gets through to it, until it has answered.
   */
  private ActorSelection selection() {
    return Adapter.toClassic(getContext().getSystem())
        .actorSelection(Gateway.path(address().host(), address().port()));
  }

  private ActorRef<FromWorker> gateway() {
    String path = Gateway.path(address().host(), address().port());
    return ActorRefResolver.get(getContext().getSystem()).resolveActorRef(path);
  }
}
