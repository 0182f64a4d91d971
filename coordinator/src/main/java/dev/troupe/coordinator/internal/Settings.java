package dev.troupe.coordinator.internal;

import dev.troupe.cluster.CoordinatorConfig;
import dev.troupe.cluster.NodeConfig;
import java.time.Duration;

/**
 * {@code troupe.coordinator}, read once; see {@code reference.conf} for what each key means.
 *
 * @param settle from the first worker that a restarted scheduler hears of until it has heard of all
 *     that are there, one coordinator being dead
 */
record Settings(
    Duration heartbeatEvery,
    Duration workerLostAfter,
    Duration abandonAfter,
    Duration joinDeadline,
    Duration settle,
    int maxOpenJobs,
    int maxEndedJobs,
    int taskAttempts,
    int driverAttempts,
    Duration retryBackoff,
    int fruitlessGenerations,
    int checkpointsKept) {

  /** What a member may take beyond the worker's own join time-out before the entity steps in. */
  private static final Duration JOIN_SLACK = Duration.ofSeconds(10);

  /** How long a worker waits for one coordinator's answer, before it tries the next. */
  private static final Duration ROUND = Duration.ofSeconds(2);

  private static final Duration SLACK = Duration.ofSeconds(1);

  static Settings of(NodeConfig config) {
    CoordinatorConfig c = config.coordinator();
    return new Settings(
        c.heartbeatEvery(),
        c.workerLostAfter(),
        c.abandonAfter(),
        config.worker().joinTimeout().plus(JOIN_SLACK),
        config.coordinators().size() > 1 ? ROUND.multipliedBy(2).plus(SLACK) : ROUND.plus(SLACK),
        c.maxOpenJobs(),
        c.maxEndedJobs(),
        c.taskAttempts(),
        c.driverAttempts(),
        c.retryBackoff(),
        c.fruitlessGenerations(),
        c.checkpointsKept());
  }

  /** After a scheduler's start: by then it has heard of the workers that are there. */
  Duration gather() {
    return settle.plus(heartbeatEvery);
  }

  /** By then a worker has heard that a lease of its is over, and has stopped what ran under it. */
  Duration leaseEndHeard() {
    return heartbeatEvery.multipliedBy(2).plus(SLACK);
  }

  /** The wait before try {@code attempt + 1}, doubled each time up to 30 s. */
  Duration backoff(int attempt) {
    long millis = retryBackoff.toMillis() << Math.min(20, Math.max(0, attempt - 1));
    return Duration.ofMillis(Math.min(30_000, millis));
  }
}
