package dev.troupe.cluster.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.troupe.core.BlobRef;
import java.time.Duration;
import java.util.List;

/**
 * What coordinators (gateway, scheduler and job entities) send to a worker. Each may arrive twice.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "t")
@JsonSubTypes({
  @JsonSubTypes.Type(value = FromCoordinator.Welcome.class, name = "welcome"),
  @JsonSubTypes.Type(value = FromCoordinator.HeartbeatAck.class, name = "beat"),
  @JsonSubTypes.Type(value = FromCoordinator.WhoAreYou.class, name = "who"),
  @JsonSubTypes.Type(value = FromCoordinator.Fenced.class, name = "fenced"),
  @JsonSubTypes.Type(value = FromCoordinator.Refused.class, name = "refused"),
  @JsonSubTypes.Type(value = FromCoordinator.Drain.class, name = "drain"),
  @JsonSubTypes.Type(value = FromCoordinator.CheckOptions.class, name = "check"),
  @JsonSubTypes.Type(value = FromCoordinator.Delivered.class, name = "ok"),
  @JsonSubTypes.Type(value = FromCoordinator.StopLease.class, name = "stop"),
  @JsonSubTypes.Type(value = FromCoordinator.StartDriver.class, name = "driver"),
  @JsonSubTypes.Type(value = FromCoordinator.Outcomes.class, name = "outcomes"),
  @JsonSubTypes.Type(value = FromCoordinator.RunTasks.class, name = "tasks"),
  @JsonSubTypes.Type(value = FromCoordinator.StartMember.class, name = "member"),
  @JsonSubTypes.Type(value = FromCoordinator.PauseGang.class, name = "pause"),
  @JsonSubTypes.Type(value = FromCoordinator.EndGeneration.class, name = "endgen"),
})
public sealed interface FromCoordinator extends CborMessage {

  /**
   * Answers Hello: the worker is registered.
   *
   * @param heartbeatEvery how often to send a heartbeat
   * @param abandonAfter without an answer to its heartbeats for this long, a worker stops all its
   *     work by itself
   */
  record Welcome(String coordinator, Duration heartbeatEvery, Duration abandonAfter)
      implements FromCoordinator {}

  /**
   * Answers Heartbeat: the leases named are renewed.
   *
   * @param unknown leases of the heartbeat that the scheduler does not know (any more): stop their
   *     work
   */
  record HeartbeatAck(long number, List<String> unknown) implements FromCoordinator {}

  /** The coordinator does not know this worker: say Hello. */
  record WhoAreYou(String coordinator) implements FromCoordinator {}

  /**
   * This incarnation was given up and its work given to others: stop everything, then say Hello
   * with a new incarnation.
   */
  record Fenced(String incarnation, String reason) implements FromCoordinator {}

  /**
   * Answers a Hello whose proof is not this cluster's: a worker that has never been registered
   * ends.
   */
  record Refused(String incarnation, String reason) implements FromCoordinator {}

  /**
   * A user asked to drain this worker: no new work, gangs leave it at their next step, what runs
   * may take as long as it takes; then the process ends.
   */
  record Drain() implements FromCoordinator {}

  /** Runs {@link dev.troupe.core.Workload#check}; the answer goes to the gateway. */
  record CheckOptions(String requestId, String workload, String optionsJson)
      implements FromCoordinator {}

  /** The messages are journaled: forget them. */
  record Delivered(String incarnation, List<Long> messageIds) implements FromCoordinator {}

  /**
   * Stop all work under a lease and forget it, with what is kept of it for delivery. The next
   * heartbeat that does not name the lease tells the scheduler that its slot is free.
   */
  record StopLease(String leaseId, String reason) implements FromCoordinator {}

  /**
   * Start a job's driver. Sent again when the entity may have forgotten what was submitted (it was
   * restarted): a worker that runs this driver under this lease and attempt keeps it, answers
   * {@link ToJob.DriverStarted} once more, and submits again ({@link ToJob.SubmitTasks}, {@link
   * ToJob.SubmitGang}) all keys whose outcome the driver does not have yet.
   */
  record StartDriver(Lease lease, int attempt, String workload, String optionsJson)
      implements FromCoordinator {}

  /** Results of tasks and gangs, to the driver. */
  record Outcomes(String jobId, int attempt, List<Outcome> outcomes) implements FromCoordinator {}

  /**
   * A task's or gang's result.
   *
   * @param result null if it failed
   * @param error null if it succeeded
   */
  record Outcome(String key, Payload result, ErrorInfo error) {}

  /**
   * Run these one after the other in the lease's slot, behind what it has. Keys that it has are
   * ignored.
   */
  record RunTasks(Lease lease, String workload, List<TaskRun> tasks) implements FromCoordinator {}

  /** A task and which try this is. */
  record TaskRun(ToJob.TaskSpec spec, int attempt) {}

  /**
   * Start a rank of a generation; ends what runs of an older one under this lease.
   *
   * @param peers by rank
   * @param checkpoints newest first: step and manifest; empty on a fresh start
   */
  record StartMember(
      Lease lease,
      String workload,
      String gangKey,
      long generation,
      int rank,
      List<Peer> peers,
      String className,
      Payload input,
      List<CheckpointInfo> checkpoints)
      implements FromCoordinator {}

  /** A recorded checkpoint. */
  record CheckpointInfo(long step, BlobRef manifest) {}

  /** To rank 0: write a checkpoint at the next step boundary and end the generation there. */
  record PauseGang(String jobId, String gangKey, long generation, String reason)
      implements FromCoordinator {}

  /** To every rank: the generation is over, abort its collectives now. */
  record EndGeneration(String jobId, String gangKey, long generation, String reason)
      implements FromCoordinator {}
}
