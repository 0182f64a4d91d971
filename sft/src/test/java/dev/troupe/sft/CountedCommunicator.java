package dev.troupe.sft;

import dev.troupe.core.Communicator;
import dev.troupe.core.DType;
import dev.troupe.core.SumTree;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** Tells of each collective of a rank, counted from 1, before and behind it. */
final class CountedCommunicator implements Communicator {

  private final Communicator inner;
  private final IntConsumer before;
  private final IntConsumer behind;
  private int count;

  CountedCommunicator(Communicator inner, IntConsumer before, IntConsumer behind) {
    this.inner = inner;
    this.before = before;
    this.behind = behind;
  }

  private <T> T counted(Supplier<T> collective) {
    int number = ++count;
    before.accept(number);
    T result = collective.get();
    behind.accept(number);
    return result;
  }

  private void counted(Runnable collective) {
    counted(
        () -> {
          collective.run();
          return null;
        });
  }

  @Override
  public int rank() {
    return inner.rank();
  }

  @Override
  public int size() {
    return inner.size();
  }

  @Override
  public long generation() {
    return inner.generation();
  }

  @Override
  public ByteBuffer allocate(int bytes) {
    return inner.allocate(bytes);
  }

  @Override
  public void allReduce(ByteBuffer data, DType type) {
    counted(() -> inner.allReduce(data, type));
  }

  @Override
  public void allReduce(SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type) {
    counted(() -> inner.allReduce(tree, parts, result, type));
  }

  @Override
  public Pending allReduceAsync(
      SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type) {
    return counted(() -> inner.allReduceAsync(tree, parts, result, type));
  }

  @Override
  public void reduceScatter(SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type) {
    counted(() -> inner.reduceScatter(tree, parts, result, type));
  }

  @Override
  public Pending reduceScatterAsync(
      SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type, int unit) {
    return counted(() -> inner.reduceScatterAsync(tree, parts, result, type, unit));
  }

  @Override
  public void allGather(ByteBuffer data, int unit) {
    counted(() -> inner.allGather(data, unit));
  }

  @Override
  public void broadcast(ByteBuffer data, int root) {
    counted(() -> inner.broadcast(data, root));
  }

  @Override
  public void barrier() {
    counted(inner::barrier);
  }

  @Override
  public void abort(String reason) {
    inner.abort(reason);
  }

  @Override
  public Stats stats() {
    return inner.stats();
  }

  @Override
  public void close() {
    inner.close();
  }
}
