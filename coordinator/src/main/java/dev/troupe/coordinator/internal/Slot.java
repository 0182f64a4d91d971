package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Peer;

/**
 * A slot that was given to a job.
 *
 * @param request the request it answers, see {@link Wants}
 */
record Slot(String request, Lease lease, Peer peer) {

  String leaseId() {
    return lease.leaseId();
  }
}
