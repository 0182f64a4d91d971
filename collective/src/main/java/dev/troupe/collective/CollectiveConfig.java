package dev.troupe.collective;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Settings of a worker's {@link Collectives}. {@code connectionsPerPeer}, {@code chunkBytes},
 * {@code secret} and {@code transport} must be the same on all workers; a difference is refused
 * when ranks connect.
 *
 * @param bindHost address to listen on; anything but loopback needs a secret
 * @param port data port, 0 for any free one
 * @param joinTimeout how long {@link Collectives#join} waits for all ranks; then it fails and names
 *     the missing ones
 * @param stallTimeout a rank that keeps others waiting in a collective for longer is late: the
 *     generation ends and the message names it
 * @param shmDir folder for arenas; must be a memory file system to be fast
 * @param connectionsPerPeer TCP connections between two ranks of different hosts, 2 to 64
 * @param chunkBytes largest piece sent at once, 4 KiB to 16 MiB, a multiple of 64; four of them a
 *     rank are reserved in shared memory for buffers that are not in an arena
 * @param secret token that a connecting rank must prove to know; never sent. May be empty on
 *     loopback
 * @param transport how ranks of one host reach each other
 */
public record CollectiveConfig(
    String bindHost,
    int port,
    Duration joinTimeout,
    Duration stallTimeout,
    Path shmDir,
    int connectionsPerPeer,
    int chunkBytes,
    String secret,
    Transport transport) {

  public CollectiveConfig {
    Objects.requireNonNull(bindHost, "bindHost");
    Objects.requireNonNull(shmDir, "shmDir");
    Objects.requireNonNull(secret, "secret");
    Objects.requireNonNull(transport, "transport");
    between("port", port, 0, 65535);
    between("connectionsPerPeer", connectionsPerPeer, 2, 64);
    between("chunkBytes", chunkBytes, 4 << 10, 16 << 20);
    if (chunkBytes % 64 != 0) {
      throw new IllegalArgumentException(
          "chunkBytes: " + chunkBytes + " (expected: a multiple of 64)");
    }
    positive("joinTimeout", joinTimeout);
    positive("stallTimeout", stallTimeout);
  }

  /** Loopback, any port, shared memory in {@code /dev/shm}, 30 s for each time-out. */
  public static CollectiveConfig defaults() {
    return new CollectiveConfig(
        "127.0.0.1",
        0,
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        Path.of("/dev/shm"),
        4,
        1 << 20,
        "",
        Transport.AUTO);
  }

  public CollectiveConfig withBind(String host, int newPort) {
    return new CollectiveConfig(
        host,
        newPort,
        joinTimeout,
        stallTimeout,
        shmDir,
        connectionsPerPeer,
        chunkBytes,
        secret,
        transport);
  }

  public CollectiveConfig withTimeouts(Duration join, Duration stall) {
    return new CollectiveConfig(
        bindHost, port, join, stall, shmDir, connectionsPerPeer, chunkBytes, secret, transport);
  }

  public CollectiveConfig withShmDir(Path dir) {
    return new CollectiveConfig(
        bindHost,
        port,
        joinTimeout,
        stallTimeout,
        dir,
        connectionsPerPeer,
        chunkBytes,
        secret,
        transport);
  }

  public CollectiveConfig withConnectionsPerPeer(int connections) {
    return new CollectiveConfig(
        bindHost,
        port,
        joinTimeout,
        stallTimeout,
        shmDir,
        connections,
        chunkBytes,
        secret,
        transport);
  }

  public CollectiveConfig withChunkBytes(int bytes) {
    return new CollectiveConfig(
        bindHost,
        port,
        joinTimeout,
        stallTimeout,
        shmDir,
        connectionsPerPeer,
        bytes,
        secret,
        transport);
  }

  public CollectiveConfig withSecret(String token) {
    return new CollectiveConfig(
        bindHost,
        port,
        joinTimeout,
        stallTimeout,
        shmDir,
        connectionsPerPeer,
        chunkBytes,
        token,
        transport);
  }

  public CollectiveConfig withTransport(Transport newTransport) {
    return new CollectiveConfig(
        bindHost,
        port,
        joinTimeout,
        stallTimeout,
        shmDir,
        connectionsPerPeer,
        chunkBytes,
        secret,
        newTransport);
  }

  /** Leaves out the secret. */
  @Override
  public String toString() {
    return "CollectiveConfig["
        + ("bind=" + bindHost + ":" + port)
        + (", joinTimeout=" + joinTimeout + ", stallTimeout=" + stallTimeout)
        + (", shmDir=" + shmDir + ", connectionsPerPeer=" + connectionsPerPeer)
        + (", chunkBytes=" + chunkBytes + ", secret=" + (secret.isEmpty() ? "none" : "set"))
        + (", transport=" + transport + "]");
  }

  private static void between(String field, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          field + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }

  private static void positive(String field, Duration value) {
    Objects.requireNonNull(value, field);
    if (value.isNegative() || value.isZero()) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: > 0)");
    }
  }
}
