package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator.CheckpointInfo;
import dev.troupe.cluster.protocol.FromCoordinator.EndGeneration;
import dev.troupe.cluster.protocol.FromCoordinator.PauseGang;
import dev.troupe.cluster.protocol.FromCoordinator.StartMember;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.Peer;
import dev.troupe.cluster.protocol.ToJob.CheckpointWritten;
import dev.troupe.cluster.protocol.ToJob.MemberOutcome;
import dev.troupe.proto.journal.v1.CheckpointRecorded;
import dev.troupe.proto.journal.v1.Error;
import dev.troupe.proto.journal.v1.GangEnded;
import dev.troupe.proto.journal.v1.GangSubmitted;
import dev.troupe.proto.journal.v1.GenerationEnded;
import dev.troupe.proto.journal.v1.GenerationStarted;
import dev.troupe.proto.journal.v1.Member;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
  private final String workload;
  private final JobRecord record;
  private final String key;
  private final Settings settings;
  private final JobPort port;
  private final CoordinatorMetrics metrics;

  private Phase phase = Phase.WAITING;
  private long generation;

  /** Slots at hand by lease; includes those of members. */
  private final Map<String, Slot> slots = new LinkedHashMap<>();

  private final Set<String> draining = new HashSet<>();

  /** Leases of a generation that ran when this entity was restarted, not yet heard of. */
  private final Set<String> expected = new HashSet<>();

  /** Of the generation under way, by rank. */
  private List<Member> members = List.of();

  private final Set<Integer> met = new HashSet<>();
  private final Map<Integer, MemberOutcome> outcomes = new HashMap<>();
  private String pauseReason = "";
  private long phaseSince = now();
  private long lastSent = now();
  private long notBefore;
  private long interruptedGeneration = -1;
  private long interruptedAt;

  GangMachine(
      String jobId,
      String workload,
      JobRecord record,
      String key,
      Settings settings,
      JobPort port,
      CoordinatorMetrics metrics) {
    this.jobId = jobId;
    this.workload = workload;
    this.record = record;
    this.key = key;
    this.settings = settings;
    this.port = port;
    this.metrics = metrics;
    JobRecord.Gang gang = record.gangs().get(key);
    if (gang != null) {
      resume(gang);
    }
  }

  private void resume(JobRecord.Gang gang) {
    generation = gang.generation;
    if (gang.ended != null) {
      phase = Phase.ENDED;
    } else if (!gang.members.isEmpty()) {
      members = gang.members;
      phase = Phase.RUNNING;
      members.forEach(m -> expected.add(m.getLeaseId()));
      for (int rank = 0; rank < members.size(); rank++) {
        met.add(rank);
      }
    }
  }

  boolean isEnded() {
    return phase == Phase.ENDED;
  }

  String state() {
    if (phase == Phase.ENDED) {
      return gang().ended != null && !gang().ended.hasError() ? "succeeded" : "failed";
    }
    return phase.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** What the scheduler should know; null when nothing is wanted. */
  Scheduler.Want want() {
    return phase == Phase.ENDED || !expected.isEmpty()
        ? null
        : new Scheduler.Want(
            Wants.gang(key), dev.troupe.cluster.protocol.Lease.Kind.GANG, min(), max());
  }

  List<Scheduler.Hold> holds() {
    List<Scheduler.Hold> holds = new ArrayList<>();
    for (Slot slot : slots.values()) {
      holds.add(
          new Scheduler.Hold(
              slot.leaseId(),
              Wants.gang(key),
              slot.lease().workerId(),
              slot.lease().incarnation()));
    }
    for (Member m : members) {
      if (expected.contains(m.getLeaseId())) {
        holds.add(
            new Scheduler.Hold(
                m.getLeaseId(), Wants.gang(key), m.getWorkerId(), m.getIncarnation()));
      }
    }
    return holds;
  }

  boolean knows(String leaseId) {
    return slots.containsKey(leaseId) || expected.contains(leaseId);
  }

  void onGranted(List<Slot> granted, Outbox out) {
    for (Slot slot : granted) {
      if (phase == Phase.ENDED) {
        port.release(slot.leaseId(), false, "the gang has ended");
      } else if (!expected.contains(slot.leaseId())) {
        slots.putIfAbsent(slot.leaseId(), slot);
      } else {
        adopt(slot);
      }
    }
    port.demandChanged();
    advance(out);
  }

  /** A worker tells of a lease that this entity, restarted, may count on. */
  void onHeld(Slot slot, Held held, Outbox out) {
    if (phase != Phase.ENDED && expected.contains(slot.leaseId())) {
      adopt(slot);
      advance(out);
    } else if (slots.containsKey(slot.leaseId())) {
      slots.put(slot.leaseId(), slot);
      int rank = rankOf(slot.leaseId());
      if (rank >= 0 && held.generation() != generation) {
        start(rank);
      }
    } else {
      port.release(slot.leaseId(), true, "gang " + key + " goes on without this lease");
    }
  }

  private void adopt(Slot slot) {
    expected.remove(slot.leaseId());
    slots.put(slot.leaseId(), slot);
    int rank = rankOf(slot.leaseId());
    if (rank >= 0 && !outcomes.containsKey(rank)) {
      start(rank);
    }
    port.demandChanged();
  }

  void onLeaseLost(String leaseId, String why, Outbox out) {
    int rank = rankOf(leaseId);
    slots.remove(leaseId);
    draining.remove(leaseId);
    expected.remove(leaseId);
    port.demandChanged();
    if (rank >= 0 && isActive() && !outcomes.containsKey(rank)) {
      endGeneration("rank " + rank + " lost: " + why, out);
    }
    advance(out);
  }

  void onDraining(String leaseId, Outbox out) {
    if (slots.containsKey(leaseId)) {
      draining.add(leaseId);
      advance(out);
    }
  }

  void onMemberStarted(long ofGeneration, int rank, Outbox out) {
    if (ofGeneration != generation || phase != Phase.FORMING) {
      return;
    }
    met.add(rank);
    if (met.size() == members.size()) {
      enter(Phase.RUNNING);
      if (interruptedGeneration >= 0) {
        metrics.gangRecovered((now() - interruptedAt) / 1e3);
        interruptedGeneration = -1;
      }
      advance(out);
    }
  }

  void onMemberEnded(long ofGeneration, int rank, MemberOutcome outcome, Outbox out) {
    if (phase == Phase.ENDED) {
      return;
    }
    if (ofGeneration != generation || !isActive()) {
      boolean cause =
          outcome.kind() == MemberOutcome.Kind.THREW
              && ofGeneration == interruptedGeneration
              && now() - interruptedAt < LATE_ERROR_MILLIS;
      if (cause) {
        fail(Convert.error(outcome.error()), out);
      }
      return;
    }
    outcomes.put(rank, outcome);
    switch (outcome.kind()) {
      case THREW -> fail(Convert.error(outcome.error()), out);
      case INTERRUPTED -> onInterrupted(rank, outcome, out);
      case RETURNED, PAUSED -> {
        if (outcomes.size() == members.size()) {
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
            && suspect < members.size()
            && suspect != rank
            && !outcomes.containsKey(suspect);
    if (plausible) {
      String leaseId = members.get(suspect).getLeaseId();
      slots.remove(leaseId);
      draining.remove(leaseId);
      expected.remove(leaseId);
      port.suspect(leaseId, reason);
      port.demandChanged();
    }
    endGeneration(reason, out);
    advance(out);
  }

  private void onAllEnded(Outbox out) {
    boolean returned =
        outcomes.values().stream().allMatch(o -> o.kind() == MemberOutcome.Kind.RETURNED);
    if (returned) {
      succeed(out);
      return;
    }
    journalEnd(pauseReason.isEmpty() ? "paused" : pauseReason, out);
    enter(Phase.WAITING);
    advance(out);
  }

  void onCheckpoint(CheckpointWritten c, Outbox out) {
    if (c.generation() == generation
        && isActive()
        && (gang().checkpoints.isEmpty() || c.step() > gang().checkpointStep())) {
      out.journal(
          out.event()
              .setCheckpointRecorded(
                  CheckpointRecorded.newBuilder()
                      .setKey(key)
                      .setGeneration(generation)
                      .setStep(c.step())
                      .setManifest(Convert.blob(c.manifest()))));
    }
  }

  void onTick(Outbox out) {
    long inPhase = now() - phaseSince;
    if (phase == Phase.FORMING && inPhase > settings.joinDeadline().toMillis()) {
      endForLateRanks(out);
    } else if (phase == Phase.FORMING && now() - lastSent > RESEND_MILLIS) {
      for (int rank = 0; rank < members.size(); rank++) {
        if (!met.contains(rank)) {
          start(rank);
        }
      }
    } else if (phase == Phase.PAUSING && now() - lastSent > RESEND_MILLIS) {
      sendPause();
    }
    advance(out);
  }

  private void endForLateRanks(Outbox out) {
    List<String> late = new ArrayList<>();
    String after = " did not start within " + settings.joinDeadline().toSeconds() + " s";
    for (int rank = 0; rank < members.size(); rank++) {
      if (!met.contains(rank)) {
        Member member = members.get(rank);
        late.add(rank + " (" + member.getWorkerId() + ")");
        slots.remove(member.getLeaseId());
        port.suspect(member.getLeaseId(), "rank " + rank + after);
      }
    }
    port.demandChanged();
    endGeneration("rank " + String.join(", ", late) + after, out);
  }

  /** Takes the next step that the slots at hand allow. */
  private void advance(Outbox out) {
    switch (phase) {
      case WAITING -> tryForm(out);
      case RUNNING -> {
        boolean leaving = members.stream().anyMatch(m -> draining.contains(m.getLeaseId()));
        boolean growing = members.size() < max() && usable().size() > members.size();
        if (expected.isEmpty() && (leaving || growing)) {
          pauseReason = leaving ? "a worker drains" : "a worker joined";
          enter(Phase.PAUSING);
          out.then(this::sendPause);
        }
      }
      default -> {}
    }
  }

  private void tryForm(Outbox out) {
    if (!expected.isEmpty() || now() < notBefore) {
      return;
    }
    for (String leaseId : List.copyOf(draining)) {
      draining.remove(leaseId);
      slots.remove(leaseId);
      port.release(leaseId, true, "its worker drains");
      port.demandChanged();
    }
    if (slots.size() < min()) {
      // All or nothing: slots held while waiting for more would stop other gangs.
      for (Slot slot : slots.values()) {
        port.release(slot.leaseId(), true, "gang " + key + " waits for " + min() + " slots");
      }
      if (!slots.isEmpty()) {
        slots.clear();
        port.demandChanged();
      }
      return;
    }
    form(out);
  }

  private void form(Outbox out) {
    generation++;
    met.clear();
    outcomes.clear();
    members = slots.values().stream().limit(max()).map(Convert::member).toList();
    enter(Phase.FORMING);
    metrics.generationStarted();
    out.journal(
        out.event()
            .setGenerationStarted(
                GenerationStarted.newBuilder()
                    .setKey(key)
                    .setGeneration(generation)
                    .addAllMembers(members)));
    out.then(
        () -> {
          for (int rank = 0; rank < members.size(); rank++) {
            start(rank);
          }
        });
  }

  private void start(int rank) {
    Slot slot = slots.get(members.get(rank).getLeaseId());
    if (slot == null) {
      return;
    }
    List<Peer> peers = members.stream().map(Convert::peer).toList();
    List<CheckpointInfo> checkpoints =
        gang().checkpoints.stream()
            .map(c -> new CheckpointInfo(c.getStep(), Convert.blob(c.getManifest())))
            .toList();
    GangSubmitted spec = gang().submitted;
    lastSent = now();
    port.send(
        slot,
        new StartMember(
            slot.lease(),
            workload,
            key,
            generation,
            rank,
            peers,
            spec.getClassName(),
            Convert.payload(spec.getInput()),
            checkpoints));
  }

  private void sendPause() {
    if (phase == Phase.PAUSING && !members.isEmpty()) {
      lastSent = now();
      Slot first = slots.get(members.get(0).getLeaseId());
      if (first != null) {
        port.send(first, new PauseGang(jobId, key, generation, pauseReason));
      }
    }
  }

  /** Tells every rank that is left, and waits for slots or forms anew. */
  private void endGeneration(String reason, Outbox out) {
    List<Slot> left = membersLeft();
    long ended = generation;
    out.then(() -> left.forEach(s -> port.send(s, new EndGeneration(jobId, key, ended, reason))));
    journalEnd(reason, out);
    interruptedGeneration = generation;
    interruptedAt = now();
    int fruitless = gang().fruitless + 1;
    if (fruitless >= settings.fruitlessGenerations()) {
      fail(
          Error.newBuilder()
              .setMessage(
                  fruitless
                      + " generations of gang "
                      + key
                      + " ended without a new checkpoint between them; the last: "
                      + reason)
              .build(),
          out);
      return;
    }
    notBefore =
        fruitless <= EAGER_GENERATIONS
            ? 0
            : now() + settings.backoff(fruitless - EAGER_GENERATIONS).toMillis();
    enter(Phase.WAITING);
  }

  private void journalEnd(String reason, Outbox out) {
    out.journal(
        out.event()
            .setGenerationEnded(
                GenerationEnded.newBuilder()
                    .setKey(key)
                    .setGeneration(generation)
                    .setReason(reason)));
    members = List.of();
  }

  private void succeed(Outbox out) {
    MemberOutcome first = outcomes.get(0);
    GangEnded.Builder ended = GangEnded.newBuilder().setKey(key);
    if (first.result() != null) {
      ended.setResult(Convert.payload(first.result()));
    }
    finish(ended, false, "the gang has ended", out);
  }

  private void fail(Error error, Outbox out) {
    finish(
        GangEnded.newBuilder().setKey(key).setError(error),
        true,
        "gang " + key + " failed: " + error.getMessage(),
        out);
  }

  private void finish(GangEnded.Builder ended, boolean stop, String reason, Outbox out) {
    out.journal(out.event().setGangEnded(ended));
    enter(Phase.ENDED);
    out.then(() -> releaseAll(stop, reason));
  }

  /** Gives everything back; for the gang's and for the job's end. */
  void releaseAll(boolean stop, String reason) {
    slots.keySet().forEach(l -> port.release(l, stop, reason));
    expected.forEach(l -> port.release(l, true, reason));
    slots.clear();
    expected.clear();
    draining.clear();
    members = List.of();
    phase = Phase.ENDED;
    port.demandChanged();
  }

  private List<Slot> membersLeft() {
    List<Slot> left = new ArrayList<>();
    for (Member m : members) {
      Slot slot = slots.get(m.getLeaseId());
      if (slot != null) {
        left.add(slot);
      }
    }
    return left;
  }

  private List<Slot> usable() {
    return slots.values().stream().filter(s -> !draining.contains(s.leaseId())).toList();
  }

  private int rankOf(String leaseId) {
    for (int rank = 0; rank < members.size(); rank++) {
      if (members.get(rank).getLeaseId().equals(leaseId)) {
        return rank;
      }
    }
    return -1;
  }

  private boolean isActive() {
    return phase == Phase.FORMING || phase == Phase.RUNNING || phase == Phase.PAUSING;
  }

  private void enter(Phase next) {
    phase = next;
    phaseSince = now();
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

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }
}
