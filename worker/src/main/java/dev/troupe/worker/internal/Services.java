package dev.troupe.worker.internal;

import dev.troupe.core.Store;

/**
 * What all parts of a worker share.
 *
 * @param timer short, never blocking actions only
 */
public record Services(
    WorkerSettings settings,
    WorkloadCatalog catalog,
    Store store,
    Outbox outbox,
    LogShipper logs,
    ValueCache cache,
    ScratchFolders scratch,
    LeaseTable leases,
    GangJoiner gangs,
    Timer timer,
    WorkerMetrics metrics) {

  /** Stops all work: the worker ends. */
  public void stopAll() {
    leases.all().forEach(work -> work.stop("the worker ends"));
  }
}
