package dev.troupe.collective.internal;

import dev.troupe.collective.internal.SumPlan.Input;
import dev.troupe.collective.internal.SumPlan.Part;
import dev.troupe.core.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A round of an all-reduce or reduce-scatter. The owner of a slice adds up its piece and writes the
 * sum straight into the result of every rank of its host that it can reach, while it is in the
 * cache; what it cannot reach fetches the sum from the staging area afterwards.
 */
final class Reduction implements Round {
  private final SumPlan plan;
  private final Buffers buffers;
  private final Layout layout;
  private final Summation summation;
  private final DType type;
  private final int rank;
  private final boolean toAll;
  private final int round;

  /** Of the own piece: the inputs that are here, null for others; and where the sum goes. */
  private final List<ByteBuffer> inputs = new ArrayList<>();

  private final List<ByteBuffer> sums = new ArrayList<>();

  /** By owner elsewhere: what this host has of its piece. */
  private final ByteBuffer[][] outgoing;

  /**
   * @param result where the own sum goes in a reduce-scatter: the own slice alone
   */
  Reduction(
      SumPlan plan,
      Buffers buffers,
      Layout layout,
      Summation summation,
      DType type,
      int rank,
      ByteBuffer result,
      boolean toAll,
      int round) {
    this.plan = plan;
    this.buffers = buffers;
    this.layout = layout;
    this.summation = summation;
    this.type = type;
    this.rank = rank;
    this.toAll = toAll;
    this.round = round;
    this.outgoing = new ByteBuffer[layout.owners()][];
    for (Input input : plan.inputs()) {
      inputs.add(input.peer() == Input.HERE ? view(input.index(), rank) : null);
    }
    if (toAll) {
      sums.addAll(sinks(rank));
      sums.add(0, buffers.mine(Buffers.RESULT, rank, round));
    } else {
      int offset = result.position() + layout.offset(rank, round);
      sums.add(Memory.slice(result, offset, layout.bytes(rank, round)));
    }
  }

  /** A part of this host, the piece of {@code owner}. */
  private ByteBuffer view(int part, int owner) {
    Part held = plan.parts().get(part);
    return buffers.of(held.rank(), 1 + held.index(), owner, round);
  }

  /** Where a sum goes beside this rank's own result. */
  private List<ByteBuffer> sinks(int owner) {
    List<ByteBuffer> sinks = new ArrayList<>();
    boolean stage = false;
    for (int other : buffers.others()) {
      if (buffers.staged(other, Buffers.RESULT)) {
        stage = true;
      } else {
        sinks.add(buffers.of(other, Buffers.RESULT, owner, round));
      }
    }
    if (stage) {
      sinks.add(buffers.slot(rank, Buffers.RESULT, owner, round));
    }
    return sinks;
  }

  /** Before the round: what others need of buffers that they cannot reach. */
  void copyIn() {
    for (Part part : plan.parts()) {
      int index = 1 + part.index();
      if (part.rank() == rank && buffers.staged(index)) {
        for (int owner = 0; owner < outgoing.length; owner++) {
          if (!buffers.handles(owner)) {
            Memory.copy(buffers.mine(index, owner, round), buffers.slot(rank, index, owner, round));
          }
        }
      }
    }
  }

  /** After the round: the sums, if others could not reach the result. */
  void copyOut() {
    if (toAll && buffers.staged(Buffers.RESULT)) {
      for (int owner = 0; owner < outgoing.length; owner++) {
        int agent = buffers.agent(owner);
        if (agent != rank) {
          Memory.copy(
              buffers.slot(agent, Buffers.RESULT, owner, round),
              buffers.mine(Buffers.RESULT, owner, round));
        }
      }
    }
  }

  private ByteBuffer chunk(ByteBuffer piece, int chunk) {
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
    boolean sends = buffers.elsewhere(owner) && buffers.handles(owner) && partNodes() > 0;
    return sends ? chunks(owner) : 0;
  }

  @Override
  public int partNodes() {
    return plan.outgoing().size();
  }

  @Override
  public ByteBuffer part(int owner, int chunk, int node, ByteBuffer scratch) {
    if (outgoing[owner] == null) {
      outgoing[owner] = new ByteBuffer[plan.parts().size()];
      for (int part = 0; part < outgoing[owner].length; part++) {
        outgoing[owner][part] = view(part, owner);
      }
    }
    Merge merge = plan.outgoing().get(node);
    if (merge.isInput()) {
      return chunk(outgoing[owner][merge.steps().get(0)], chunk);
    }
    List<ByteBuffer> here = new ArrayList<>();
    for (ByteBuffer piece : outgoing[owner]) {
      here.add(chunk(piece, chunk));
    }
    ByteBuffer sum = Memory.slice(scratch, 0, here.get(0).remaining());
    summation.sum(merge, here, List.of(sum), type);
    return sum;
  }

  @Override
  public int ownChunks() {
    return chunks(rank);
  }

  @Override
  public int summandsFrom(int peer) {
    return plan.summandsFrom().get(peer);
  }

  @Override
  public int ownChunkBytes(int chunk) {
    return layout.chunkBytes(layout.bytes(rank, round), chunk);
  }

  @Override
  public void reduce(int chunk, List<List<ByteBuffer>> came) {
    List<ByteBuffer> in = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Input input = plan.inputs().get(i);
      boolean here = input.peer() == Input.HERE;
      in.add(here ? chunk(inputs.get(i), chunk) : came.get(input.peer()).get(input.index()));
    }
    List<ByteBuffer> out = new ArrayList<>();
    for (ByteBuffer piece : sums) {
      out.add(chunk(piece, chunk));
    }
    summation.sum(plan.sum(), in, out, type);
  }

  @Override
  public boolean sumsGoTo(int peer) {
    return toAll && buffers.sendsSumsTo(peer);
  }

  @Override
  public ByteBuffer sum(int chunk) {
    return chunk(sums.get(0), chunk);
  }

  @Override
  public int sumChunks(int owner) {
    return toAll && buffers.elsewhere(owner) && buffers.handles(owner) ? chunks(owner) : 0;
  }

  @Override
  public ByteBuffer target(int owner, int chunk) {
    return chunk(buffers.mine(Buffers.RESULT, owner, round), chunk);
  }

  @Override
  public void arrived(int owner, int chunk) {
    ByteBuffer sum = target(owner, chunk);
    for (ByteBuffer piece : sinks(owner)) {
      Memory.copy(sum, chunk(piece, chunk));
    }
  }
}
