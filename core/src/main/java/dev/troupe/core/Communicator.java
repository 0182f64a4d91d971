package dev.troupe.core;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Collectives among the ranks of one generation of a gang. Every rank calls the same methods in the
 * same order with the same sizes. Buffers are direct, in native byte order, and are taken from
 * position to limit without moving either; one from {@link #allocate} is read by ranks of the same
 * host in place, any other is copied.
 *
 * <p>Sums do not depend on who takes part: a sum over {@code m} summands is taken in the order of
 * {@link SumTree}, however the summands are spread over ranks. (In {@link DType#BF16} that holds
 * for the parts as they are given: a rank that rounds while it adds up its own leaves rounds more
 * often than one that holds a single leaf.)
 *
 * <p>Every method throws {@link GenerationEndedException} when the generation is over: a peer is
 * gone, a peer is late beyond the configured limit (the exception names it), or {@link #abort} was
 * called.
 *
 * <p>Calls come from one thread at a time; operations of {@link #allReduceAsync} run in the order
 * they were issued, and a blocking call runs behind them.
 */
public interface Communicator extends AutoCloseable {

  int rank();

  int size();

  long generation();

  /**
   * Memory that ranks of this host can read in place, zeroed, aligned to 64 bytes. Collective:
   * every rank asks for the same size in the same order. It is unmapped by {@link #close}; no view
   * of it may be used after that.
   *
   * @throws IllegalStateException if shared memory is too small (the message says how much was
   *     needed and what was free)
   */
  ByteBuffer allocate(int bytes);

  /**
   * Sums {@code data} over ranks, in place, one summand a rank, in the order of {@code new
   * SumTree(size())}.
   */
  void allReduce(ByteBuffer data, DType type);

  /**
   * Sums over the leaves of {@code tree}. This rank holds the leaves {@code tree.leavesOf(rank,
   * size)}, already added up into {@code tree.cover(...)} of them.
   *
   * @param parts one buffer for each node of this rank's cover, in its order, each as long as
   *     {@code result}
   * @param result gets the sum, on every rank; may be the same buffer as one of {@code parts}
   */
  void allReduce(SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type);

  /**
   * As {@link #allReduce(SumTree, List, ByteBuffer, DType)}, in the background. The buffers are the
   * operation's until done.
   */
  Pending allReduceAsync(SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type);

  /**
   * The part of a sum that this rank owns: its {@link Shard} of a buffer whose units are single
   * elements.
   *
   * @param parts as in {@link #allReduce(SumTree, List, ByteBuffer, DType)}, each of the whole
   *     length; a rank without leaves passes one buffer, for its length alone
   * @param result as long as this rank's shard; may be that shard of one of {@code parts}
   */
  void reduceScatter(SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type);

  /**
   * As {@link #reduceScatter}, in the background. The buffers are the operation's until done.
   *
   * @param unit bytes that are not cut, a multiple of the type's
   */
  Pending reduceScatterAsync(
      SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type, int unit);

  /** Each rank's {@link Shard} of {@code data}, in units of so many bytes, goes to all. */
  void allGather(ByteBuffer data, int unit);

  /** {@code data} of {@code root} goes to all. */
  void broadcast(ByteBuffer data, int root);

  /** Returns when all ranks have called it. */
  void barrier();

  /**
   * Ends this rank's part of the generation from any thread: operations under way and to come throw
   * {@link GenerationEndedException} with this reason.
   */
  void abort(String reason);

  /** Bytes moved and seconds spent so far, for metrics. */
  Stats stats();

  @Override
  void close();

  /** An operation under way. */
  interface Pending {
    /** Waits until it is done. */
    void await();
  }

  /**
   * Totals since the communicator was made.
   *
   * @param operations collectives done
   * @param bytes payload bytes of reductions (a buffer of S bytes counts S)
   * @param busySeconds time that reductions took, waiting for peers included
   */
  record Stats(long operations, long bytes, double busySeconds) {

    /**
     * Bus bandwidth in bytes/s, {@code S/t * 2(n-1)/n}: comparable over gang sizes. 0 if nothing
     * was done.
     */
    public double busBandwidth(int size) {
      return busySeconds == 0 ? 0 : bytes / busySeconds * 2 * (size - 1) / size;
    }
  }
}
