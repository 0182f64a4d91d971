package dev.troupe.coordinator;

import dev.troupe.cluster.NodeConfig;
import dev.troupe.coordinator.internal.RunningCoordinator;

/**
 * A coordinator: the front door that clients speak to, the jobs and their journal, the scheduler.
 * It runs no workload code.
 */
public final class CoordinatorNode implements AutoCloseable {

  private final RunningCoordinator running;

  private CoordinatorNode(RunningCoordinator running) {
    this.running = running;
  }

  /**
   * Starts a coordinator in this process and returns when it takes calls.
   *
   * @throws dev.troupe.cluster.NodeException if a port is taken, or the journal is locked, damaged
   *     or out of reach, or others are at work on it that do not let this one in
   */
  public static CoordinatorNode start(NodeConfig config) {
    return new CoordinatorNode(RunningCoordinator.start(config));
  }

  /** The gRPC front door's port. */
  public int grpcPort() {
    return running.grpcPort();
  }

  /** The port of the Prometheus endpoint; -1 if there is none. */
  public int metricsPort() {
    return running.metricsPort();
  }

  /** Artery's port, which workers connect to. */
  public int controlPort() {
    return running.controlPort();
  }

  /** Stops in order; jobs go on when a coordinator is back. */
  public void stop() {
    running.stop();
  }

  /**
   * Waits until it has stopped, by {@link #stop} or by a signal.
   *
   * @throws dev.troupe.cluster.NodeException if the journal can no longer be written, or the other
   *     coordinators have given this one up: the process should end, and be started again
   */
  public void awaitStopped() throws InterruptedException {
    running.awaitStopped();
  }

  @Override
  public void close() {
    stop();
  }
}
