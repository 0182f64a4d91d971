package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator;

/** What a job's parts can do to the world outside, and its clock. */
interface JobPort {

  void send(Slot slot, FromCoordinator message);

  /** Gives a slot back; with {@code stop}, work may still run under it. */
  void release(String leaseId, boolean stop, String reason);

  /** A rank seems gone: takes its lease away without waiting for its worker. */
  void suspect(String leaseId, String reason);

  /** What the job wants or holds has changed. */
  void demandChanged();

  /** Has {@link LiveJob#flush} called within a moment. */
  void flushSoon();

  /** Milliseconds of a clock that only goes forward. */
  long now();
}
