package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Lease;

/** What runs under a lease. No method blocks: the session calls them. */
interface Work {

  Lease lease();

  /** What a coordinator is told of it. */
  FromWorker.Held held();

  /** Whether a drain has to wait for it. */
  boolean busy();

  /** The worker drains: begin nothing new. */
  void drain();

  /** Ends it for good, telling nobody: the lease is gone. */
  void stop(String reason);
}
