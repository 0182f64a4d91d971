package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.ListArtifactsResponse;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;

/** What a {@link JobEntity} is told. */
sealed interface JobCommand extends CborMessage {

  /**
   * Takes the job in; answered with it. Sent again to wake the entity up.
   *
   * @param accepted a {@link dev.troupe.proto.journal.v1.JobAccepted}, by {@link Wire}
   */
  record Accept(String accepted, ActorRef<Job> replyTo) implements JobCommand {}

  /** Answered with the job, or one without id if there is none. */
  record Get(ActorRef<Job> replyTo) implements JobCommand {}

  /** Tells the job now and after each change for {@link Watchers#WATCH_MILLIS}; sent again. */
  record Watch(ActorRef<Job> watcher) implements JobCommand {}

  record Cancel(String reason, ActorRef<Job> replyTo) implements JobCommand {}

  record ListArtifacts(ActorRef<ListArtifactsResponse> replyTo) implements JobCommand {}

  /**
   * What a worker says.
   *
   * @param messageId to be acknowledged to the gateway, -1 if not
   */
  record FromWorker(
      String workerId,
      String incarnation,
      long messageId,
      ToJob message,
      ActorRef<CborMessage> gateway)
      implements JobCommand {

    void acknowledge() {
      if (messageId >= 0) {
        gateway.tell(new Gateway.Ack(workerId, incarnation, messageId));
      }
    }
  }

  /** Slots for one request. */
  record Granted(List<Slot> slots) implements JobCommand {}

  record LeaseLost(String leaseId, String reason) implements JobCommand {}

  /** The lease's worker drains. */
  record LeaseDraining(String leaseId) implements JobCommand {}

  /** Others need the slot: return it after the tasks that it has. */
  record GiveBack(String leaseId) implements JobCommand {}

  /** A lease that was to be stopped is over. */
  record LeaseStopped(String leaseId) implements JobCommand {}

  /** A worker that registered holds work of this job. */
  record HeldByWorker(Slot slot, Held held) implements JobCommand {}

  /** Why requests wait. */
  record Waiting(Map<String, String> reasons) implements JobCommand {}

  /** The entity's messages to itself. */
  enum ToSelf implements JobCommand {
    FLUSH,
    TICK,
    PUBLISH,
    PASSIVATE
  }
}
