package dev.troupe.collective;

import java.util.Objects;

/**
 * Where a rank is found.
 *
 * @param workerId the worker's name, for messages
 * @param host name or address that other ranks connect to
 * @param dataPort that worker's {@link Collectives#port}
 * @param hostId ranks with equal ids share a shared-memory folder; see {@link HostId}
 */
public record Peer(String workerId, String host, int dataPort, String hostId) {
  public Peer {
    Objects.requireNonNull(workerId, "workerId");
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(hostId, "hostId");
    if (dataPort < 1 || dataPort > 65535) {
      throw new IllegalArgumentException("dataPort: " + dataPort + " (expected: 1 to 65535)");
    }
  }
}
