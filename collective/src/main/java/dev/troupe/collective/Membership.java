package dev.troupe.collective;

import java.util.List;
import java.util.Objects;

/**
 * One rank's view of one generation of a gang.
 *
 * @param gang name of the gang, the same on all ranks: job id and gang key
 * @param generation the fencing number; it only grows within a gang
 * @param rank this rank
 * @param peers all ranks, this one included; the index is the rank
 */
public record Membership(String gang, long generation, int rank, List<Peer> peers) {
  /** Most ranks a gang may have: every pair of them is connected. */
  public static final int MAX_SIZE = 256;

  public Membership {
    Objects.requireNonNull(gang, "gang");
    peers = List.copyOf(peers);
    if (gang.isEmpty() || gang.length() > 200) {
      throw new IllegalArgumentException(
          "gang: " + gang.length() + " characters (expected: 1 to 200)");
    }
    if (peers.isEmpty() || peers.size() > MAX_SIZE) {
      throw new IllegalArgumentException(
          "peers: " + peers.size() + " (expected: 1 to " + MAX_SIZE + ")");
    }
    if (rank < 0 || rank >= peers.size()) {
      throw new IllegalArgumentException(
          "rank: " + rank + " (expected: 0 to " + (peers.size() - 1) + ")");
    }
    if (generation < 0) {
      throw new IllegalArgumentException("generation: " + generation + " (expected: >= 0)");
    }
  }

  /** The number of ranks. */
  public int size() {
    return peers.size();
  }

  /** A rank as messages name it: {@code rank 2 (worker-3)}. */
  public String name(int peer) {
    return "rank " + peer + " (" + peers.get(peer).workerId() + ")";
  }
}
