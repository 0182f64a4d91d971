package dev.troupe.collective.internal;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A round of an all-gather or broadcast: each owner's piece goes to one rank of every other host;
 * then the ranks of a host fetch from each other what they lack.
 */
final class Gathering implements Round {
  private final Buffers buffers;
  private final Layout layout;
  private final int rank;
  private final int round;

  Gathering(Buffers buffers, Layout layout, int rank, int round) {
    this.buffers = buffers;
    this.layout = layout;
    this.rank = rank;
    this.round = round;
  }

  /** After the exchange: puts what this rank has for others where they reach it. */
  void offer() {
    if (buffers.staged(Buffers.RESULT)) {
      for (int owner = 0; owner < layout.owners(); owner++) {
        if (buffers.handles(owner)) {
          Memory.copy(
              buffers.mine(Buffers.RESULT, owner, round),
              buffers.slot(rank, Buffers.RESULT, owner, round));
        }
      }
    }
  }

  /** After all have offered. */
  void fetch() {
    for (int owner = 0; owner < layout.owners(); owner++) {
      int agent = buffers.agent(owner);
      if (agent != rank) {
        Memory.copy(
            buffers.of(agent, Buffers.RESULT, owner, round),
            buffers.mine(Buffers.RESULT, owner, round));
      }
    }
  }

  private ByteBuffer chunk(int owner, int chunk) {
    ByteBuffer piece = buffers.mine(Buffers.RESULT, owner, round);
    return Memory.slice(piece, chunk * layout.chunk(), layout.chunkBytes(piece.capacity(), chunk));
  }

  private int chunks(int owner) {
    return layout.chunks(layout.bytes(owner, round));
  }

  @Override
  public int firstChunk() {
    return round * (layout.piece() / layout.chunk());
  }

  @Override
  public int partChunks(int owner) {
    return 0;
  }

  @Override
  public int partNodes() {
    return 0;
  }

  @Override
  public ByteBuffer part(int owner, int chunk, int node, ByteBuffer scratch) {
    throw new IllegalStateException("nothing is added in an all-gather");
  }

  @Override
  public int ownChunks() {
    return chunks(rank);
  }

  @Override
  public int summandsFrom(int peer) {
    return 0;
  }

  @Override
  public int ownChunkBytes(int chunk) {
    return layout.chunkBytes(layout.bytes(rank, round), chunk);
  }

  /** The own piece is complete as it is. */
  @Override
  public void reduce(int chunk, List<List<ByteBuffer>> came) {}

  @Override
  public boolean sumsGoTo(int peer) {
    return buffers.sendsSumsTo(peer);
  }

  @Override
  public ByteBuffer sum(int chunk) {
    return chunk(rank, chunk);
  }

  @Override
  public int sumChunks(int owner) {
    return buffers.elsewhere(owner) && buffers.handles(owner) ? chunks(owner) : 0;
  }

  @Override
  public ByteBuffer target(int owner, int chunk) {
    return chunk(owner, chunk);
  }

  @Override
  public void arrived(int owner, int chunk) {}
}
