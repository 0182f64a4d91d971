package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator.CheckpointInfo;
import dev.troupe.cluster.protocol.FromCoordinator.EndGeneration;
import dev.troupe.cluster.protocol.FromCoordinator.PauseGang;
import dev.troupe.cluster.protocol.FromCoordinator.StartMember;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Peer;
import dev.troupe.cluster.protocol.ToJob.CheckpointWritten;
import dev.troupe.cluster.protocol.ToJob.MemberOutcome;
import dev.troupe.proto.journal.v1.Error;
import dev.troupe.proto.journal.v1.GangEnded;
import dev.troupe.proto.journal.v1.GangSubmitted;
import dev.troupe.proto.journal.v1.GenerationEnded;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * One gang of a job, from its submission to its result.
 *
 * <pre>
 *   WAITING --slots >= min--> FORMING --all ranks met--> RUNNING --all returned--> ENDED
 *      ^                         |                          |  \
 *      |                         | a rank is gone           |   a worker joins or drains
 *      +-------------------------+--------------------------+        \
 *      ^                                                          PAUSING
 *      +------------- all ranks stopped at a checkpoint --------------+
 * </pre>
 *
 * <p>Each way back to WAITING ends a generation; where slots are at hand the next one starts in the
 * same breath, without any time-out. The number only grows and fences all that a rank does. When
 * the entity is restarted, ranks go on undisturbed: the machine takes up their leases as workers
 * tell of them, and only a lease that is lost ends the generation.
 */
final class GangMachine {

  /** Where a gang is. */
  enum Phase {
    WAITING,
    FORMING,
    RUNNING,
    PAUSING,
    ENDED
  }

  /** An error that a rank threw counts although a peer's interruption was heard of first. */
  private static final long LATE_ERROR_MILLIS = 2_000;

  /** A message to a rank that had no effect by then is sent again. */
  private static final long RESEND_MILLIS = 5_000;

  /** So many fruitless generations in a row start without any wait. */
  private static final int EAGER_GENERATIONS = 3;

  private final String jobId;
  private final JobRecord record;
  private final String key;
  private final Settings settings;
  private final JobPort port;
  private final CoordinatorMetrics metrics;
  private final Consumer<GangEnded> whenEnded;
  private final GangSlots slots;
  private final FurthestProgress progress = new FurthestProgress();

  private Phase phase = Phase.WAITING;
  private Generation generation = Generation.none(0);
  private String pauseReason = "";
  private long phaseSince;
  private long lastSent;
  private long notBefore;
  private long interruptedGeneration = -1;
  private long interruptedAt;

  /**
   * @param whenEnded called once the gang's end is journaled
   */
  GangMachine(
      String jobId,
      JobRecord record,
      String key,
      Settings settings,
      JobPort port,
      CoordinatorMetrics metrics,
      Consumer<GangEnded> whenEnded) {
    this.jobId = jobId;
    this.record = record;
    this.key = key;
    this.settings = settings;
    this.port = port;
    this.metrics = metrics;
    this.whenEnded = whenEnded;
    this.slots = new GangSlots(key, port);
    this.phaseSince = port.now();
    this.lastSent = port.now();
    resume();
  }

  private void resume() {
    generation = new Generation(gang().generation, gang().members);
    if (gang().ended != null) {
      phase = Phase.ENDED;
    } else if (generation.size() > 0) {
      phase = Phase.RUNNING;
      slots.expect(generation.members());
      generation.allMet();
    }
  }

  /** Whether ranks ran before this entity was started anew, and are not all in sight yet. */
  boolean isExpecting() {
    return slots.isExpecting();
  }

  boolean isEnded() {
    return phase == Phase.ENDED;
  }

  String state() {
    if (phase == Phase.ENDED) {
      return gang().ended != null && !gang().ended.hasError() ? "succeeded" : "failed";
    }
    return phase.name().toLowerCase(Locale.ROOT);
  }

  /** What the scheduler should know; null when nothing is wanted. */
  SchedulerCommand.Want want() {
    return phase == Phase.ENDED || slots.isExpecting()
        ? null
        : new SchedulerCommand.Want(Wants.gang(key), Lease.Kind.GANG, min(), max());
  }

  List<SchedulerCommand.Hold> holds() {
    return slots.holds();
  }

  boolean knows(String leaseId) {
    return slots.knows(leaseId);
  }

  // --- leases

  void onGranted(List<Slot> granted, Outbox out) {
    for (Slot slot : granted) {
      if (phase == Phase.ENDED) {
        port.release(slot.leaseId(), false, "the gang has ended");
      } else if (slots.isExpected(slot.leaseId())) {
        adopt(slot);
      } else {
        slots.addIfNew(slot);
      }
    }
    advance(out);
  }

  /** A worker tells of a lease that this entity, restarted, may count on. */
  void onHeld(Slot slot, Held held, Outbox out) {
    if (phase != Phase.ENDED && slots.isExpected(slot.leaseId())) {
      adopt(slot);
      advance(out);
    } else if (slots.get(slot.leaseId()) != null) {
      slots.put(slot);
      int rank = generation.rankOf(slot.leaseId());
      if (rank >= 0 && held.generation() != generation.number()) {
        start(rank);
      }
    } else {
      port.release(slot.leaseId(), true, "gang " + key + " goes on without this lease");
    }
  }

  private void adopt(Slot slot) {
    slots.put(slot);
    int rank = generation.rankOf(slot.leaseId());
    if (rank >= 0 && !generation.hasEnded(rank)) {
      start(rank);
    }
  }

  void onLeaseLost(String leaseId, String why, Outbox out) {
    int rank = generation.rankOf(leaseId);
    slots.remove(leaseId);
    if (rank >= 0 && isActive() && !generation.hasEnded(rank)) {
      endGeneration("rank " + rank + " lost: " + why, out);
    }
    advance(out);
  }

  void onDraining(String leaseId, Outbox out) {
    slots.onDraining(leaseId);
    if (slots.isDraining(leaseId)) {
      advance(out);
    }
  }

  // --- what ranks say

  void onMemberStarted(long ofGeneration, int rank, Outbox out) {
    if (ofGeneration != generation.number() || phase != Phase.FORMING) {
      return;
    }
    generation.meet(rank);
    if (generation.haveAllMet()) {
      enter(Phase.RUNNING);
      if (interruptedGeneration >= 0) {
        metrics.gangRecovered((port.now() - interruptedAt) / 1e3);
        interruptedGeneration = -1;
      }
      advance(out);
    }
  }

  void onMemberEnded(long ofGeneration, int rank, MemberOutcome outcome, Outbox out) {
    if (phase == Phase.ENDED) {
      return;
    }
    if (ofGeneration != generation.number() || !isActive()) {
      boolean cause =
          outcome.kind() == MemberOutcome.Kind.THREW
              && ofGeneration == interruptedGeneration
              && port.now() - interruptedAt < LATE_ERROR_MILLIS;
      if (cause) {
        fail(Convert.error(outcome.error()), out);
      }
      return;
    }
    generation.ended(rank, outcome);
    switch (outcome.kind()) {
      case THREW -> fail(Convert.error(outcome.error()), out);
      case INTERRUPTED -> onInterrupted(rank, outcome, out);
      case RETURNED, PAUSED -> {
        if (generation.haveAllEnded()) {
          onAllEnded(out);
        }
      }
    }
  }

  private void onInterrupted(int rank, MemberOutcome outcome, Outbox out) {
    int suspect = outcome.suspect();
    String reason =
        outcome.reason() == null || outcome.reason().isEmpty()
            ? "rank " + rank + " was interrupted"
            : outcome.reason();
    boolean plausible =
        suspect >= 0
            && suspect < generation.size()
            && suspect != rank
            && !generation.hasEnded(suspect);
    if (plausible) {
      suspect(suspect, reason);
    }
    endGeneration(reason, out);
    advance(out);
  }

  private void suspect(int rank, String reason) {
    String leaseId = generation.member(rank).getLeaseId();
    slots.remove(leaseId);
    port.suspect(leaseId, reason);
  }

  private void onAllEnded(Outbox out) {
    if (generation.haveAllReturned()) {
      succeed(out);
      return;
    }
    journalEnd(pauseReason.isEmpty() ? "paused" : pauseReason, true, out);
    enter(Phase.WAITING);
    advance(out);
  }

  void onCheckpoint(CheckpointWritten c, Outbox out) {
    if (c.generation() == generation.number()
        && isActive()
        && (gang().checkpoints.isEmpty() || c.step() > gang().checkpointStep())) {
      out.journal(out.event().setCheckpointRecorded(GangEvents.checkpoint(c)));
    }
  }

  void onProgress(String phase, long done) {
    if (isActive()) {
      progress.reached(phase, done);
    }
  }

  // --- time

  void onTick(Outbox out) {
    boolean resend = port.now() - lastSent > RESEND_MILLIS;
    if (phase == Phase.FORMING && port.now() - phaseSince > settings.joinDeadline().toMillis()) {
      endForLateRanks(out);
    } else if (phase == Phase.FORMING && resend) {
      generation.late().forEach(this::start);
    } else if (phase == Phase.PAUSING && resend) {
      sendPause();
    }
    advance(out);
  }

  private void endForLateRanks(Outbox out) {
    List<String> late = new ArrayList<>();
    String after = " did not start within " + settings.joinDeadline().toSeconds() + " s";
    for (int rank : generation.late()) {
      late.add(rank + " (" + generation.member(rank).getWorkerId() + ")");
      suspect(rank, "rank " + rank + after);
    }
    endGeneration("rank " + String.join(", ", late) + after, out);
  }

  // --- generations

  /** Takes the next step that the slots at hand allow. */
  private void advance(Outbox out) {
    switch (phase) {
      case WAITING -> tryForm(out);
      case RUNNING -> tryPause(out);
      default -> {}
    }
  }

  private void tryPause(Outbox out) {
    boolean leaving = generation.members().stream().anyMatch(m -> slots.isDraining(m.getLeaseId()));
    boolean growing = generation.size() < max() && slots.staying() > generation.size();
    if (!slots.isExpecting() && (leaving || growing)) {
      pauseReason = leaving ? "a worker drains" : "a worker joined";
      enter(Phase.PAUSING);
      out.then(this::sendPause);
    }
  }

  private void tryForm(Outbox out) {
    if (slots.isExpecting() || port.now() < notBefore) {
      return;
    }
    slots.releaseDraining();
    if (slots.size() < min()) {
      // All or nothing: slots held while waiting for more would stop other gangs.
      slots.releaseAtHand(true, "gang " + key + " waits for " + min() + " slots");
      return;
    }
    form(out);
  }

  private void form(Outbox out) {
    generation = new Generation(generation.number() + 1, slots.first(max()));
    progress.begin();
    enter(Phase.FORMING);
    metrics.generationStarted();
    out.journal(out.event().setGenerationStarted(GangEvents.started(key, generation)));
    out.then(() -> generation.late().forEach(this::start));
  }

  private void start(int rank) {
    Slot slot = slots.get(generation.member(rank).getLeaseId());
    if (slot == null) {
      return;
    }
    List<Peer> peers = generation.members().stream().map(Convert::peer).toList();
    List<CheckpointInfo> checkpoints =
        gang().checkpoints.stream()
            .map(c -> new CheckpointInfo(c.getStep(), Convert.blob(c.getManifest())))
            .toList();
    GangSubmitted spec = gang().submitted;
    lastSent = port.now();
    port.send(
        slot,
        new StartMember(
            slot.lease(),
            record.workload(),
            key,
            generation.number(),
            rank,
            peers,
            spec.getClassName(),
            Convert.payload(spec.getInput()),
            checkpoints));
  }

  private void sendPause() {
    if (phase == Phase.PAUSING && generation.size() > 0) {
      lastSent = port.now();
      Slot first = slots.get(generation.member(0).getLeaseId());
      if (first != null) {
        port.send(first, new PauseGang(jobId, key, generation.number(), pauseReason));
      }
    }
  }

  /** Tells every rank that is left, and waits for slots or forms anew. */
  private void endGeneration(String reason, Outbox out) {
    List<Slot> left = slots.of(generation.members());
    long ended = generation.number();
    out.then(() -> left.forEach(s -> port.send(s, new EndGeneration(jobId, key, ended, reason))));
    int fruitless = progress.hasAdvanced() ? 0 : gang().fruitless + 1;
    journalEnd(reason, false, out);
    interruptedGeneration = ended;
    interruptedAt = port.now();
    if (fruitless >= settings.fruitlessGenerations()) {
      String message =
          fruitless
              + " generations of gang "
              + key
              + " ended without getting further or a new checkpoint; the last: "
              + reason;
      fail(Error.newBuilder().setMessage(message).build(), out);
      return;
    }
    notBefore =
        fruitless <= EAGER_GENERATIONS
            ? 0
            : port.now() + settings.backoff(fruitless - EAGER_GENERATIONS).toMillis();
    enter(Phase.WAITING);
  }

  private void journalEnd(String reason, boolean paused, Outbox out) {
    GenerationEnded ended =
        GangEvents.ended(key, generation, reason, paused, progress.hasAdvanced());
    out.journal(out.event().setGenerationEnded(ended));
    generation = Generation.none(generation.number());
  }

  // --- the end

  private void succeed(Outbox out) {
    finish(GangEvents.succeeded(key, generation.first()), false, "the gang has ended", out);
  }

  private void fail(Error error, Outbox out) {
    String reason = "gang " + key + " failed: " + error.getMessage();
    finish(GangEvents.failed(key, error), true, reason, out);
  }

  private void finish(GangEnded ended, boolean stop, String reason, Outbox out) {
    out.journal(out.event().setGangEnded(ended));
    enter(Phase.ENDED);
    out.then(
        () -> {
          releaseAll(stop, reason);
          whenEnded.accept(ended);
        });
  }

  /** Gives everything back; for the gang's and for the job's end. */
  void releaseAll(boolean stop, String reason) {
    slots.releaseAll(stop, reason);
    generation = Generation.none(generation.number());
    phase = Phase.ENDED;
    port.demandChanged();
  }

  private boolean isActive() {
    return phase == Phase.FORMING || phase == Phase.RUNNING || phase == Phase.PAUSING;
  }

  private void enter(Phase next) {
    phase = next;
    phaseSince = port.now();
  }

  private JobRecord.Gang gang() {
    return record.gangs().get(key);
  }

  private int min() {
    return gang().submitted.getMinSize();
  }

  private int max() {
    return gang().submitted.getMaxSize();
  }
}
