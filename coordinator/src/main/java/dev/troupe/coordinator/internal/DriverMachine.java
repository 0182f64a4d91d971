package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromCoordinator.Outcome;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.proto.journal.v1.DriverLost;
import dev.troupe.proto.journal.v1.DriverPlaced;
import dev.troupe.proto.journal.v1.Member;
import java.util.List;
import java.util.Optional;

/**
 * A job's driver, attempt after attempt.
 *
 * <pre>
 *   WANTED --slot--> STARTING --heard of--> RUNNING
 *      ^                |                      |
 *      |                +---- worker lost -----+      EXPECTED --its worker tells--> STARTING
 *      |                           v                      |
 *      +---- after a wait ---- BACKING_OFF <--- lost -----+
 * </pre>
 *
 * <p>EXPECTED is where an entity that was restarted finds a driver that was placed before: it runs
 * on undisturbed, and counts as there until the scheduler knows better. What the driver does, its
 * entity sees in {@link LiveJob}.
 */
final class DriverMachine {

  /** Where a driver is. */
  enum Phase {
    WANTED,
    EXPECTED,
    STARTING,
    RUNNING,
    BACKING_OFF,
    ENDED
  }

  /** A start that had no effect by then is sent again. */
  static final long RESEND_MILLIS = 5_000;

  /** A driver silent for so long after outcomes is asked to submit again what it waits for. */
  static final long NUDGE_MILLIS = 20_000;

  private final String jobId;
  private final JobRecord record;
  private final Settings settings;
  private final JobPort port;
  private final CoordinatorMetrics metrics;

  private Phase phase = Phase.WANTED;
  private Slot slot;
  private long notBefore;
  private long sentAt;
  private long heardAt;
  private long outcomesSentAt;

  DriverMachine(
      String jobId, JobRecord record, Settings settings, JobPort port, CoordinatorMetrics metrics) {
    this.jobId = jobId;
    this.record = record;
    this.settings = settings;
    this.port = port;
    this.metrics = metrics;
    if (record.isTerminal()) {
      phase = Phase.ENDED;
    } else if (record.driver() != null) {
      phase = Phase.EXPECTED;
    }
  }

  Phase phase() {
    return phase;
  }

  /** What the scheduler should know; null when nothing is wanted. */
  SchedulerCommand.Want want() {
    return phase == Phase.WANTED
        ? new SchedulerCommand.Want(Wants.DRIVER, Lease.Kind.DRIVER, 1, 1)
        : null;
  }

  Optional<SchedulerCommand.Hold> hold() {
    Member placed = record.driver();
    return placed == null
        ? Optional.empty()
        : Optional.of(
            new SchedulerCommand.Hold(
                placed.getLeaseId(), Wants.DRIVER, placed.getWorkerId(), placed.getIncarnation()));
  }

  /** Whether it was placed before this entity was started anew, and is not in sight yet. */
  boolean isExpected() {
    return phase == Phase.EXPECTED;
  }

  boolean holds(String leaseId) {
    return record.driver() != null && record.driver().getLeaseId().equals(leaseId);
  }

  /** Whether what is said comes from the attempt under way. */
  boolean hears(int attempt) {
    heardAt = port.now();
    return record.driver() != null && attempt == record.attempt();
  }

  /** Its code runs. */
  void onRuns() {
    if (phase == Phase.STARTING) {
      phase = Phase.RUNNING;
    }
  }

  void onGranted(Slot granted, Outbox out) {
    if (holds(granted.leaseId())) {
      onHeld(granted);
    } else if (record.driver() != null) {
      port.release(granted.leaseId(), false, "the driver has a slot");
    } else {
      place(granted, out);
    }
  }

  private void place(Slot granted, Outbox out) {
    slot = granted;
    phase = Phase.STARTING;
    if (record.attempt() == 0) {
      metrics.driverPlacedAfter((System.currentTimeMillis() - record.created()) / 1e3);
    }
    out.journal(
        out.event()
            .setDriverPlaced(
                DriverPlaced.newBuilder()
                    .setAttempt(record.attempt() + 1)
                    .setMember(Convert.member(granted))));
    out.then(this::start);
    port.demandChanged();
  }

  /** Its worker tells that it has the lease. */
  void onHeld(Slot held) {
    if (!holds(held.leaseId())) {
      port.release(held.leaseId(), true, "the driver was started elsewhere");
      return;
    }
    slot = held;
    if (phase == Phase.EXPECTED) {
      phase = Phase.STARTING;
    }
    start();
  }

  private void start() {
    sentAt = port.now();
    port.send(
        slot,
        new FromCoordinator.StartDriver(
            slot.lease(), record.attempt(), record.workload(), record.accepted().getOptionsJson()));
  }

  /** The attempt is over without a result; the next one waits, unless there is none. */
  void onLost(String reason, Outbox out) {
    slot = null;
    out.journal(
        out.event()
            .setDriverLost(DriverLost.newBuilder().setAttempt(record.attempt()).setReason(reason)));
    phase = Phase.BACKING_OFF;
    notBefore = port.now() + settings.backoff(record.attempt()).toMillis();
    port.demandChanged();
  }

  boolean isOutOfAttempts() {
    return record.attempt() >= settings.driverAttempts();
  }

  /** The driver is durable: it moves at once instead of holding its worker back. */
  void onDraining(Outbox out) {
    Slot left = slot;
    String leaseId = record.driver().getLeaseId();
    String reason = "worker " + record.driver().getWorkerId() + " drains";
    onLost(reason, out);
    phase = Phase.WANTED;
    out.then(
        () -> {
          if (left != null) {
            port.send(left, new FromCoordinator.StopLease(leaseId, reason));
          }
          port.release(leaseId, true, reason);
        });
  }

  /** Tells it results, if it is in sight. */
  void tell(List<Outcome> outcomes) {
    if (slot != null) {
      outcomesSentAt = port.now();
      port.send(slot, new FromCoordinator.Outcomes(jobId, record.attempt(), outcomes));
    }
  }

  void onTick() {
    long now = port.now();
    if (phase == Phase.BACKING_OFF && now >= notBefore) {
      phase = Phase.WANTED;
      port.demandChanged();
    }
    if (slot != null) {
      boolean unheard = phase == Phase.STARTING && now - sentAt > RESEND_MILLIS;
      boolean quiet =
          outcomesSentAt > heardAt
              && now - outcomesSentAt > NUDGE_MILLIS
              && now - sentAt > NUDGE_MILLIS;
      if (unheard || quiet) {
        start();
      }
    }
  }

  /** Why it does not run yet, for as long as the scheduler has not said. */
  String waitsFor() {
    return phase == Phase.BACKING_OFF
        ? "the driver is started again after a pause"
        : "the scheduler looks for a driver slot";
  }

  /** Gives its slot back; for the job's end. */
  void release(Member placed, boolean stop, String reason) {
    if (placed != null) {
      if (stop && slot != null) {
        port.send(slot, new FromCoordinator.StopLease(placed.getLeaseId(), reason));
      }
      port.release(placed.getLeaseId(), stop, reason);
    }
    slot = null;
    phase = Phase.ENDED;
  }
}
