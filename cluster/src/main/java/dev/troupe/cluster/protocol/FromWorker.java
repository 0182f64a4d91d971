package dev.troupe.cluster.protocol;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** What a worker sends to a coordinator's gateway. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "t")
@JsonSubTypes({
  @JsonSubTypes.Type(value = FromWorker.Hello.class, name = "hello"),
  @JsonSubTypes.Type(value = FromWorker.Heartbeat.class, name = "beat"),
  @JsonSubTypes.Type(value = FromWorker.Draining.class, name = "drain"),
  @JsonSubTypes.Type(value = FromWorker.Goodbye.class, name = "bye"),
  @JsonSubTypes.Type(value = FromWorker.OptionsChecked.class, name = "checked"),
  @JsonSubTypes.Type(value = FromWorker.Envelope.class, name = "env"),
  @JsonSubTypes.Type(value = FromWorker.Note.class, name = "note"),
})
public sealed interface FromWorker extends CborMessage {

  /**
   * Sent at start, when the gateway changes, and when a coordinator says {@link
   * FromCoordinator.WhoAreYou}.
   *
   * @param proof {@link dev.troupe.cluster.SecurityConfig#proof} that this worker, of this
   *     incarnation, has the cluster's token; "" if it has none
   * @param held the leases under which work runs or finished work is kept; a coordinator that was
   *     restarted takes them up again
   */
  record Hello(
      WorkerInfo info,
      ActorRef<FromCoordinator> self,
      List<Held> held,
      boolean draining,
      String proof)
      implements FromWorker {}

  /**
   * A lease and what runs under it.
   *
   * @param keys of tasks, the gang's key, or "driver"
   * @param generation of the gang, or the driver's attempt; 0 for tasks
   */
  record Held(String leaseId, String jobId, Lease.Kind kind, List<String> keys, long generation) {}

  /**
   * Sent each {@link FromCoordinator.Welcome#heartbeatEvery}.
   *
   * @param leaseIds the leases it holds
   */
  record Heartbeat(
      String workerId,
      String incarnation,
      long number,
      List<String> leaseIds,
      ActorRef<FromCoordinator> self)
      implements FromWorker {}

  /** The worker was told to stop (SIGTERM): no new work, let gangs leave it at their next step. */
  record Draining(String workerId, String incarnation) implements FromWorker {}

  /** The worker has no work left and leaves now. */
  record Goodbye(String workerId, String incarnation) implements FromWorker {}

  /** Answers {@link FromCoordinator.CheckOptions}. Empty if all is well. */
  record OptionsChecked(String requestId, List<FieldError> violations) implements FromWorker {}

  /** A field and what is wrong with it. */
  record FieldError(String field, String description) {}

  /**
   * A message to a job that must arrive: sent again until the entity answers {@link
   * FromCoordinator.Delivered}.
   *
   * @param messageId unique within this incarnation
   */
  record Envelope(String jobId, String workerId, String incarnation, long messageId, ToJob message)
      implements FromWorker {}

  /** A message to a job that may be lost: progress. */
  record Note(String jobId, String workerId, String incarnation, ToJob message)
      implements FromWorker {}
}
