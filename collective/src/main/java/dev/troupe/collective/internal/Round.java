package dev.troupe.collective.internal;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What one rank does with one piece of each slice, chunk by chunk: the plan that {@link Exchange}
 * carries out. Chunks are numbered from 0 within the round.
 */
interface Round {
  /** The number, within the whole slice, of this round's first chunk. */
  int firstChunk();

  /** Chunks of {@code owner}'s piece for which this rank sends parts there; 0 if it does not. */
  int partChunks(int owner);

  /** Summands that this rank sends for each of those chunks. */
  int partNodes();

  /** One summand; may be computed into {@code scratch}, which holds a chunk. */
  ByteBuffer part(int owner, int chunk, int node, ByteBuffer scratch);

  /** Chunks of this rank's own piece. */
  int ownChunks();

  /** Summands of each own chunk that come from {@code peer}. */
  int summandsFrom(int peer);

  /** Bytes of an own chunk. */
  int ownChunkBytes(int chunk);

  /** Makes an own chunk's sum of what is here and what came: by peer, then by node. */
  void reduce(int chunk, List<List<ByteBuffer>> came);

  /** Whether this rank's sums go to {@code peer}. */
  boolean sumsGoTo(int peer);

  /** An own chunk's sum. */
  ByteBuffer sum(int chunk);

  /** Chunks of sums that come from {@code owner}. */
  int sumChunks(int owner);

  /** Where one of them goes. */
  ByteBuffer target(int owner, int chunk);

  /** It is there. */
  void arrived(int owner, int chunk);
}
