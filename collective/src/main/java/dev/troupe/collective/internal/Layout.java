package dev.troupe.collective.internal;

import dev.troupe.core.Shard;

/**
 * How a buffer is cut: into slices, one a rank, its owner; a slice into pieces, one a round
 * (several rounds only if buffers pass through a staging area); a piece into chunks, what is sent
 * at once. All in bytes.
 */
final class Layout {
  private final int[] from;
  private final int[] length;
  private final int chunk;
  private final int piece;

  private Layout(int[] from, int[] length, int chunk, int piece) {
    this.from = from;
    this.length = length;
    this.chunk = chunk;
    this.piece = piece;
  }

  /** Number of slices. */
  int owners() {
    return from.length;
  }

  /** Where a slice begins. */
  int from(int owner) {
    return from[owner];
  }

  /** How long it is. */
  int length(int owner) {
    return length[owner];
  }

  /** Bytes a chunk, equal on all ranks of the gang. */
  int chunk() {
    return chunk;
  }

  /** Bytes a piece, a multiple of a chunk; ranks of different hosts may differ. */
  int piece() {
    return piece;
  }

  /** The {@link Shard}s of a buffer. */
  static Layout even(int bytes, int unit, int size, int chunk) {
    int[] from = new int[size];
    int[] length = new int[size];
    for (int rank = 0; rank < size; rank++) {
      Shard shard = Shard.of(bytes, unit, rank, size);
      from[rank] = shard.from();
      length[rank] = shard.length();
    }
    return new Layout(from, length, chunk, whole(length, chunk));
  }

  /** All of it is one rank's. */
  static Layout single(int bytes, int owner, int size, int chunk) {
    int[] length = new int[size];
    length[owner] = bytes;
    return new Layout(new int[size], length, chunk, whole(length, chunk));
  }

  /** The longest slice, in whole chunks. */
  private static int whole(int[] length, int chunk) {
    int longest = 0;
    for (int bytes : length) {
      longest = Math.max(longest, bytes);
    }
    return (int) Math.min(Integer.MAX_VALUE / chunk, ((long) longest + chunk - 1) / chunk) * chunk;
  }

  /** The same with pieces small enough that {@code slots} of them fit an area. */
  Layout staged(int area, int slots) {
    int chunks = Math.max(1, area / slots / chunk);
    return new Layout(from, length, chunk, (int) Math.min(piece, (long) chunks * chunk));
  }

  int rounds() {
    int longest = 0;
    for (int bytes : length) {
      longest = Math.max(longest, bytes);
    }
    return piece == 0 ? 0 : (int) (((long) longest + piece - 1) / piece);
  }

  /** Where this round's piece of the slice begins, within the slice. */
  int offset(int owner, int round) {
    return (int) Math.min((long) round * piece, length[owner]);
  }

  /** How long it is; 0 if the slice has ended. */
  int bytes(int owner, int round) {
    return Math.min(piece, length[owner] - offset(owner, round));
  }

  /** Number of chunks in so many bytes. */
  int chunks(int bytes) {
    return (int) (((long) bytes + chunk - 1) / chunk);
  }

  /** The length of a chunk of a piece. */
  int chunkBytes(int pieceBytes, int index) {
    return Math.min(chunk, pieceBytes - index * chunk);
  }
}
