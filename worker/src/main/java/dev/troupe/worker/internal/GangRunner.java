package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.FromCoordinator.StartMember;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Lease;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One slot that is a rank of a gang, generation after generation. A new generation's rank begins
 * once the old one's thread has ended, since both may use the same cached values.
 */
final class GangRunner implements Work {

  private final Services services;
  private final Lease lease;

  /** Handed from one generation's thread to the next, which begins when that one has ended. */
  private final Map<String, Object> memory = new HashMap<>();

  private MemberRun current;
  private boolean stopped;

  GangRunner(Services services, Lease lease) {
    this.services = services;
    this.lease = lease;
  }

  /**
   * Starts a rank of a newer generation and ends the one that runs; an old or known one is ignored.
   */
  synchronized void start(StartMember order) {
    if (stopped || (isCurrent(order.gangKey()) && order.generation() <= current.generation())) {
      return;
    }
    if (current != null) {
      current.end("generation " + order.generation() + " begins");
    }
    current = MemberRun.start(services, order, memory, current);
  }

  /** Asks rank 0 to end the generation at its next step. */
  synchronized void pause(String gangKey, long generation, String reason) {
    if (isCurrent(gangKey) && current.generation() == generation) {
      current.pause(reason);
    }
  }

  /** The generation is over, now. */
  synchronized void endGeneration(String gangKey, long generation, String reason) {
    if (isCurrent(gangKey) && current.generation() <= generation) {
      current.end(reason);
    }
  }

  @Override
  public Lease lease() {
    return lease;
  }

  @Override
  public synchronized FromWorker.Held held() {
    return new FromWorker.Held(
        lease.leaseId(),
        lease.jobId(),
        Lease.Kind.GANG,
        current == null ? List.of() : List.of(current.gangKey()),
        current == null ? 0 : current.generation());
  }

  @Override
  public synchronized boolean busy() {
    return current != null && current.thread().isAlive();
  }

  /** The coordinator pauses the gang, and forms it again without this worker. */
  @Override
  public void drain() {}

  @Override
  public synchronized void stop(String reason) {
    if (stopped) {
      return;
    }
    stopped = true;
    if (current == null) {
      services.leases().remove(lease.leaseId());
    } else {
      current.abandon(reason, () -> services.leases().remove(lease.leaseId()));
    }
  }

  private boolean isCurrent(String gangKey) {
    return current != null && current.gangKey().equals(gangKey);
  }
}
