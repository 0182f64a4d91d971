package dev.troupe.cluster.protocol;

import org.apache.pekko.actor.typed.ActorRef;

/**
 * The right to use one slot of one worker, until it is released or lost. Given by the scheduler to
 * a job entity, and shown to the worker with all work sent under it. A worker keeps a lease alive
 * by its heartbeats; one that gets no answer for {@link FromCoordinator.Welcome#abandonAfter} drops
 * all leases and stops their work by itself.
 *
 * @param leaseId unique for ever
 * @param incarnation of the worker; void if the worker has another by now
 * @param worker where to send the work
 */
public record Lease(
    String leaseId,
    String jobId,
    Kind kind,
    String workerId,
    String incarnation,
    ActorRef<FromCoordinator> worker) {

  /** What a slot is used for. */
  public enum Kind {
    DRIVER,
    TASKS,
    GANG
  }
}
