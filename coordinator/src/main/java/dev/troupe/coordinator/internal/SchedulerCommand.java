package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.ListWorkloadsResponse;
import dev.troupe.proto.v1.Worker;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

/** What the {@link Scheduler} is told. */
sealed interface SchedulerCommand extends CborMessage {

  record WorkerHello(FromWorker.Hello hello) implements SchedulerCommand {}

  record WorkerBeat(FromWorker.Heartbeat beat) implements SchedulerCommand {}

  record WorkerDraining(String workerId, String incarnation) implements SchedulerCommand {}

  record WorkerGone(String workerId, String incarnation) implements SchedulerCommand {}

  /**
   * All that a job wants and holds now; replaces what it said before.
   *
   * @param recovering its entity was started anew and may hold more than it knows: its workers are
   *     to tell
   */
  record Demand(
      String jobId,
      String workload,
      int priority,
      long created,
      List<Want> wants,
      List<Hold> holds,
      boolean recovering)
      implements SchedulerCommand {}

  /** Between min and max slots, min of them together. */
  record Want(String request, Lease.Kind kind, int min, int max) {}

  /** A lease that the job counts on. */
  record Hold(String leaseId, String request, String workerId, String incarnation) {}

  /**
   * The job needs a lease no more.
   *
   * @param stop work may run under it: the slot is free, and the job told so, when the worker names
   *     the lease no more
   */
  record Release(String jobId, String leaseId, boolean stop, String reason)
      implements SchedulerCommand {}

  /** A gang's rank seems gone: its lease ends, its worker must give a sign of life first. */
  record Suspect(String jobId, String leaseId, String reason) implements SchedulerCommand {}

  record ListWorkers(ActorRef<ListWorkersResponse> replyTo) implements SchedulerCommand {}

  record ListWorkloads(ActorRef<ListWorkloadsResponse> replyTo) implements SchedulerCommand {}

  /** Answers with a worker without id if there is none of that name. */
  record DrainWorker(String workerId, ActorRef<Worker> replyTo) implements SchedulerCommand {}

  record FindCarriers(String workload, ActorRef<Carriers> replyTo) implements SchedulerCommand {}

  /**
   * @param gathering the scheduler has just been started: workers that it will know may be on their
   *     way
   */
  record Carriers(List<ActorRef<FromCoordinator>> workers, boolean gathering)
      implements CborMessage {}

  /** The scheduler's messages to itself. */
  enum ToSelf implements SchedulerCommand {
    SWEEP,
    DECIDE
  }
}
