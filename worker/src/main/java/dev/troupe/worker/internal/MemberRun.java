package dev.troupe.worker.internal;

import static dev.troupe.core.GenerationEndedException.NO_SUSPECT;

import dev.troupe.cluster.protocol.FromCoordinator.StartMember;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.ToJob.MemberOutcome;
import dev.troupe.core.Communicator;
import dev.troupe.core.GangMember;
import dev.troupe.core.GenerationEndedException;
import dev.troupe.core.Json;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A rank's part in one generation: waits for its predecessor's thread, meets the other ranks, runs
 * the member, tells how it ended.
 *
 * <p>However {@code run} leaves after its generation was ended (by an exception of the collectives,
 * one of its own that followed from it, or by returning), the rank counts as interrupted: only what
 * happens within a generation is the member's own doing.
 */
final class MemberRun {

  private static final Logger LOG = LoggerFactory.getLogger(MemberRun.class);

  /**
   * How long a rank that failed waits for its job to hear why before it leaves the others. After
   * that they are interrupted first, and the job takes the error as the cause if it follows soon.
   */
  private static final Duration TELL_FIRST = Duration.ofSeconds(5);

  private final Services services;
  private final StartMember order;
  private final Map<String, Object> memory;
  private volatile MemberRun predecessor;
  private Thread thread;

  private volatile String endReason;
  private volatile String pauseReason;
  private volatile Runnable whenAbandoned;

  private MemberRun(
      Services services, StartMember order, Map<String, Object> memory, MemberRun predecessor) {
    this.services = services;
    this.order = order;
    this.memory = memory;
    this.predecessor = predecessor;
  }

  /**
   * @param memory what the gang keeps in this slot from generation to generation
   * @param predecessor the older generation's run in this slot, told to end; or null
   */
  static MemberRun start(
      Services services, StartMember order, Map<String, Object> memory, MemberRun predecessor) {
    MemberRun run = new MemberRun(services, order, memory, predecessor);
    run.thread =
        WorkThread.start(
            "rank-" + order.rank() + "-" + run.gang() + "-g" + order.generation(),
            Map.of(
                "job", run.jobId(),
                "gang", order.gangKey(),
                "rank", String.valueOf(order.rank()),
                "generation", String.valueOf(order.generation())),
            run::run);
    return run;
  }

  String gangKey() {
    return order.gangKey();
  }

  long generation() {
    return order.generation();
  }

  Thread thread() {
    return thread;
  }

  /** Why the generation is to end at the next step; null if it is not. */
  String pauseReason() {
    return pauseReason;
  }

  void pause(String reason) {
    pauseReason = reason;
  }

  /** Ends the generation here: its collectives throw from now on. */
  void end(String reason) {
    if (endReason == null) {
      endReason = reason;
      services.gangs().end(gang(), generation(), reason);
      services.timer().after(WorkThread.GRACE, this::warnIfAlive);
    }
  }

  /** The lease is gone: ends without telling anyone. */
  void abandon(String reason, Runnable whenOver) {
    whenAbandoned = whenOver;
    if (endReason == null) {
      endReason = reason;
      services.gangs().end(gang(), generation(), reason);
    }
    WorkThread.end(thread, services.timer(), whenOver);
  }

  private void warnIfAlive() {
    if (thread.isAlive()) {
      LOG.warn(
          "{} still runs {} s after its generation ended ({}). It is at\n{}",
          thread.getName(),
          WorkThread.GRACE.toSeconds(),
          endReason,
          WorkThread.stack(thread));
    }
  }

  private void run() {
    String source = order.gangKey() + "/" + order.rank();
    MemberOutcome outcome;
    GangRankContext context =
        new GangRankContext(services, order, source, memory, this::pauseReason);
    try (context) {
      outcome = awaitPredecessors() ? play(context) : stuck();
    } catch (Throwable e) { // whatever it was, this rank's slot must tell
      outcome = interrupted(context, e);
    }
    services.metrics().generationEnded(outcome.kind());
    Runnable abandoned = whenAbandoned;
    if (abandoned != null) {
      abandoned.run();
    } else if (outcome.kind() != MemberOutcome.Kind.THREW) {
      send(ended(outcome), () -> {});
    }
  }

  private ToJob.MemberEnded ended(MemberOutcome outcome) {
    return new ToJob.MemberEnded(
        gangKey(), generation(), order.rank(), order.lease().leaseId(), outcome);
  }

  private MemberOutcome play(GangRankContext context) {
    Communicator communicator = null;
    try {
      communicator = services.gangs().join(gang(), generation(), order.rank(), order.peers());
      send(new ToJob.MemberStarted(gangKey(), generation(), order.rank()), () -> {});
      services.metrics().generationStarted(generation());
      context.begin(communicator);
      Payload result = runMember(context);
      if (endReason != null || context.paused()) {
        return interrupted(context, null);
      }
      return new MemberOutcome(
          MemberOutcome.Kind.RETURNED,
          order.rank() == 0 ? result : null,
          null,
          NO_SUSPECT,
          "",
          context.step());
    } catch (Throwable e) { // an error of the member's, of whatever kind, fails the gang alone
      MemberOutcome outcome = outcome(context, e);
      if (outcome.kind() == MemberOutcome.Kind.THREW) {
        context.flush();
        tellFirst(outcome);
      }
      return outcome;
    } finally {
      if (communicator != null) {
        services.metrics().communicatorClosed(communicator);
        communicator.close();
      }
    }
  }

  private Payload runMember(GangRankContext context) throws Exception {
    WorkloadCatalog.Entry entry = services.catalog().find(order.workload());
    if (entry == null) {
      throw new IllegalArgumentException(
          "workload '" + order.workload() + "' is not on this worker");
    }
    Thread.currentThread().setContextClassLoader(entry.loader());
    GangMember<?> member =
        Json.read(
            Payloads.unpack(services.store(), order.input()), entry.memberClass(order.className()));
    Object result = member.run(context);
    return order.rank() == 0 ? Payloads.pack(services.store(), Json.write(result)) : null;
  }

  /**
   * The others are interrupted as soon as this rank leaves; the job is to know the cause by then.
   */
  private void tellFirst(MemberOutcome outcome) {
    if (whenAbandoned != null) {
      return;
    }
    CountDownLatch heard = new CountDownLatch(1);
    send(ended(outcome), heard::countDown);
    try {
      if (!heard.await(TELL_FIRST.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("{}: the job has not heard of its error yet", thread.getName());
      }
    } catch (InterruptedException e) { // the gang ends: the job has heard of it
      Thread.currentThread().interrupt();
    }
  }

  private MemberOutcome outcome(GangRankContext context, Throwable e) {
    if (context.paused() || endReason != null || generationEnded(e) != null) {
      return interrupted(context, e);
    }
    return new MemberOutcome(
        MemberOutcome.Kind.THREW, null, Payloads.error(e), NO_SUSPECT, "", context.step());
  }

  private MemberOutcome interrupted(GangRankContext context, Throwable e) {
    if (context.paused()) {
      return outcome(MemberOutcome.Kind.PAUSED, NO_SUSPECT, "paused at a step", context.step());
    }
    GenerationEndedException cause = generationEnded(e);
    String reason = endReason;
    int suspect = NO_SUSPECT;
    if (reason == null && cause != null) {
      reason = cause.getMessage();
      suspect = cause.suspect();
    } else if (reason == null) {
      reason = e == null ? "ended" : e.toString();
    }
    String when = context.step() >= 0 ? " after step " + context.step() : " before its first step";
    LOG.info("{} is interrupted: {}{}", thread.getName(), reason, when);
    return outcome(MemberOutcome.Kind.INTERRUPTED, suspect, reason + when, context.step());
  }

  private MemberOutcome stuck() {
    String reason =
        "rank %d (%s): what it ran before has not ended within %d s"
            .formatted(
                order.rank(),
                services.settings().workerId(),
                services.settings().joinTimeout().toSeconds());
    LOG.warn("{}", reason);
    return outcome(MemberOutcome.Kind.INTERRUPTED, order.rank(), reason, -1);
  }

  private static MemberOutcome outcome(
      MemberOutcome.Kind kind, int suspect, String reason, long step) {
    return new MemberOutcome(kind, null, null, suspect, reason, step);
  }

  /** Waits until what ran here before has ended; false if it does not. */
  private boolean awaitPredecessors() throws InterruptedException {
    long deadline = System.nanoTime() + services.settings().joinTimeout().toNanos();
    for (MemberRun before = predecessor; before != null; before = before.predecessor) {
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      before.thread.join(Math.max(1, left));
      if (before.thread.isAlive()) {
        return false;
      }
    }
    predecessor = null;
    return true;
  }

  private void send(ToJob message, Runnable onDelivered) {
    services.outbox().force(jobId(), message, onDelivered);
  }

  private String jobId() {
    return order.lease().jobId();
  }

  /** The gang's name among all jobs. */
  private String gang() {
    return jobId() + "/" + order.gangKey();
  }

  /** The end of the generation in a chain of causes, since members may wrap it; null if none. */
  private static GenerationEndedException generationEnded(Throwable e) {
    Throwable cause = e;
    for (int depth = 0; cause != null && depth < 20; depth++, cause = cause.getCause()) {
      if (cause instanceof GenerationEndedException ended) {
        return ended;
      }
    }
    return null;
  }
}
