package dev.troupe.cluster.protocol;

/**
 * Where a rank of a gang is.
 *
 * @param hostId equal for ranks that share {@code /dev/shm}
 */
public record Peer(String workerId, String host, int dataPort, String hostId) {}
