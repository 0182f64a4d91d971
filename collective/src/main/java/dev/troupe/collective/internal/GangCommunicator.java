package dev.troupe.collective.internal;

import dev.troupe.collective.CollectiveConfig;
import dev.troupe.collective.Membership;
import dev.troupe.core.Communicator;
import dev.troupe.core.DType;
import dev.troupe.core.GenerationEndedException;
import dev.troupe.core.Shard;
import dev.troupe.core.SumTree;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** The communicator of one rank: checks arguments, and runs operations one after another. */
final class GangCommunicator implements Communicator {
  private final Joining joining;
  private final Membership membership;
  private final Groups groups;
  private final Fate fate;
  private final Ops ops;
  private final Control control;
  private final int chunkBytes;
  private final int rank;
  private final int size;
  private final Runnable onClose;
  private final LocalGroup local;
  private final Exchange exchange;
  private final Background background;
  private final Summation summation = new Summation();
  private final Tally tally = new Tally();

  /** What a barrier gathers: a byte a rank, of no meaning. */
  private final ByteBuffer token;

  /** Held by the operation under way, so that memory is not released under its feet. */
  private final ReentrantLock running = new ReentrantLock();

  private SumPlan plan;
  private SumTree planTree;
  private DType planType;
  private boolean closed;

  /**
   * @param onClose runs when it is closed
   */
  GangCommunicator(Joining joining, CollectiveConfig config, Runnable onClose) {
    this.joining = joining;
    this.membership = joining.membership();
    this.groups = joining.groups();
    this.fate = joining.fate();
    this.ops = joining.ops();
    this.control = joining.control();
    this.chunkBytes = config.chunkBytes();
    this.rank = membership.rank();
    this.size = membership.size();
    this.onClose = onClose;
    this.token = Memory.direct(size);
    this.local = new LocalGroup(joining, config);
    this.exchange = new Exchange(joining, chunkBytes);
    this.background = new Background("troupe-collective-" + membership.gang() + "-" + rank, fate);
    ops.leave();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long generation() {
    return membership.generation();
  }

  @Override
  public ByteBuffer allocate(int bytes) {
    require(bytes >= 0, () -> "bytes: " + bytes + " (expected: >= 0)");
    ByteBuffer[] memory = new ByteBuffer[1];
    perform("allocate", () -> memory[0] = local.allocate(bytes));
    return memory[0];
  }

  @Override
  public void allReduce(ByteBuffer data, DType type) {
    allReduce(new SumTree(size), List.of(data), data, type);
  }

  @Override
  public void allReduce(SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type) {
    Runnable body = allReduceBody(tree, parts, result, type);
    perform("all-reduce", body);
  }

  @Override
  public Pending allReduceAsync(
      SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type) {
    Runnable body = allReduceBody(tree, parts, result, type);
    return background.submit(() -> execute("all-reduce", body));
  }

  private Runnable allReduceBody(
      SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type) {
    checkParts(tree, parts, false);
    checkDirect("result", result, type.bytes());
    for (ByteBuffer part : parts) {
      checkLength("parts", part, result.remaining());
      checkDirect("parts", part, type.bytes());
    }
    List<ByteBuffer> in = parts.stream().map(ByteBuffer::duplicate).toList();
    ByteBuffer out = result.duplicate();
    return () -> reduce("all-reduce", tree, in, out, out.remaining(), type, type.bytes(), true);
  }

  @Override
  public void reduceScatter(SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type) {
    Runnable body = reduceScatterBody(tree, parts, result, type, type.bytes());
    perform("reduce-scatter", body);
  }

  @Override
  public Pending reduceScatterAsync(
      SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type, int unit) {
    Runnable body = reduceScatterBody(tree, parts, result, type, unit);
    return background.submit(() -> execute("reduce-scatter", body));
  }

  private Runnable reduceScatterBody(
      SumTree tree, List<ByteBuffer> parts, ByteBuffer result, DType type, int unit) {
    require(
        unit > 0 && unit % type.bytes() == 0,
        () -> "unit: " + unit + " (expected: a multiple of " + type.bytes() + ")");
    checkParts(tree, parts, true);
    checkDirect("result", result, type.bytes());
    int bytes = parts.get(0).remaining();
    checkLength("result", result, Shard.of(bytes, unit, rank, size).length());
    for (ByteBuffer part : parts) {
      checkLength("parts", part, bytes);
      checkDirect("parts", part, type.bytes());
    }
    List<ByteBuffer> in = parts.stream().map(ByteBuffer::duplicate).toList();
    ByteBuffer out = result.duplicate();
    return () -> reduce("reduce-scatter", tree, in, out, bytes, type, unit, false);
  }

  private void reduce(
      String kind,
      SumTree tree,
      List<ByteBuffer> parts,
      ByteBuffer result,
      int bytes,
      DType type,
      int unit,
      boolean toAll) {
    long start = System.nanoTime();
    SumPlan sums = plan(tree, type);
    List<ByteBuffer> own = new ArrayList<>();
    own.add(result);
    own.addAll(parts);
    int most = sums.mostParts() + 1;
    Buffers buffers = new Buffers(groups, local, rank, own, most);
    String what = kind + " of " + bytes + " bytes " + type + " over " + tree.leaves() + " leaves";
    publish(buffers, what, toAll ? 0 : 1, partCounts(tree));
    Layout layout = buffers.fit(Layout.even(bytes, unit, size, chunk(most)));
    for (int round = 0; round < layout.rounds(); round++) {
      Reduction reduction =
          new Reduction(sums, buffers, layout, summation, type, rank, result, toAll, round);
      if (!buffers.inPlace()) {
        reduction.copyIn();
        local.barrier();
      }
      exchange.run(reduction, ops.entered(), what.hashCode(), what);
      local.barrier();
      if (!buffers.inPlace()) {
        reduction.copyOut();
      }
    }
    tally.reduced(bytes, System.nanoTime() - start);
  }

  private SumPlan plan(SumTree tree, DType type) {
    if (!tree.equals(planTree) || type != planType) {
      plan = SumPlan.of(tree, type, groups, rank);
      planTree = tree;
      planType = type;
    }
    return plan;
  }

  /** Number of parts of each member of this host. */
  private int[] partCounts(SumTree tree) {
    return groups.membersWith(rank).stream()
        .mapToInt(member -> tree.cover(tree.leavesOf(member, size)).size())
        .toArray();
  }

  private void publish(Buffers buffers, String what, int from, int[] parts) {
    int[] first = new int[parts.length];
    int[] end = new int[parts.length];
    Arrays.setAll(first, i -> from);
    Arrays.setAll(end, i -> 1 + parts[i]);
    int other = buffers.publish(what.hashCode(), first, end);
    if (other >= 0) {
      throw control.mismatch(other, what);
    }
  }

  /** Such that a staging area has room for one chunk of each owner's slice of each buffer. */
  private int chunk(int mostBuffers) {
    if (groups.groups().size() == size) {
      return chunkBytes;
    }
    return Math.max(64, Math.min(chunkBytes, local.stagingBytes() / (mostBuffers * size) & ~63));
  }

  @Override
  public void allGather(ByteBuffer data, int unit) {
    require(unit > 0, () -> "unit: " + unit + " (expected: > 0)");
    checkDirect("data", data, 1);
    String what = "all-gather of " + data.remaining() + " bytes in units of " + unit;
    perform(
        "all-gather",
        () -> gather(what, data, Layout.even(data.remaining(), unit, size, chunk(1))));
  }

  @Override
  public void broadcast(ByteBuffer data, int root) {
    require(
        root >= 0 && root < size, () -> "root: " + root + " (expected: 0 to " + (size - 1) + ")");
    checkDirect("data", data, 1);
    String what = "broadcast of " + data.remaining() + " bytes from rank " + root;
    perform(
        "broadcast",
        () -> gather(what, data, Layout.single(data.remaining(), root, size, chunk(1))));
  }

  private void gather(String what, ByteBuffer data, Layout whole) {
    Buffers buffers = new Buffers(groups, local, rank, List.of(data), 1);
    publish(buffers, what, 0, new int[local.size()]);
    Layout layout = buffers.fit(whole);
    for (int round = 0; round < layout.rounds(); round++) {
      Gathering gathering = new Gathering(buffers, layout, rank, round);
      exchange.run(gathering, ops.entered(), what.hashCode(), what);
      gathering.offer();
      local.barrier();
      gathering.fetch();
      local.barrier();
    }
  }

  @Override
  public void barrier() {
    perform("barrier", () -> gather("barrier", token, Layout.even(size, 1, size, chunk(1))));
  }

  /** Runs behind all operations in the background. */
  private void perform(String kind, Runnable body) {
    background.drain();
    execute(kind, body);
  }

  private void execute(String kind, Runnable body) {
    running.lock();
    try {
      fate.check(); // before anything that close has released is touched
      ops.enter(kind);
      control.checkAllStay();
      body.run();
      tally.done();
    } catch (RuntimeException | Error e) {
      boolean first =
          fate.end(
              GenerationEndedException.NO_SUSPECT,
              membership.name(rank) + " failed in " + ops.name() + ": " + e.getMessage(),
              e);
      if (!first && !(e instanceof IllegalStateException)) {
        fate.check();
      }
      throw e;
    } finally {
      ops.leave();
      running.unlock();
    }
  }

  @Override
  public void abort(String reason) {
    fate.end(
        GenerationEndedException.NO_SUSPECT,
        "ended by " + membership.name(rank) + ": " + reason,
        null);
  }

  @Override
  public Stats stats() {
    return tally.stats();
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    if (background.busy() || running.isLocked()) {
      abort("closed with an operation under way");
    }
    background.close();
    running.lock();
    try {
      onClose.run();
      joining.close();
      fate.end(GenerationEndedException.NO_SUSPECT, "the communicator is closed", null);
      exchange.close();
      local.close();
      Memory.release(token);
    } finally {
      running.unlock();
    }
  }

  private void checkParts(SumTree tree, List<ByteBuffer> parts, boolean forLength) {
    int cover = tree.cover(tree.leavesOf(rank, size)).size();
    int expected = forLength ? Math.max(1, cover) : cover;
    require(
        parts.size() == expected || (cover == 0 && parts.size() == 1),
        () ->
            String.format(
                "parts: %d (expected: %d, the cover of rank %d's leaves)",
                parts.size(), expected, rank));
  }

  private static void checkLength(String field, ByteBuffer buffer, int bytes) {
    require(
        buffer.remaining() == bytes,
        () -> field + ": " + buffer.remaining() + " bytes (expected: " + bytes + ")");
  }

  private static void checkDirect(String field, ByteBuffer buffer, int unit) {
    require(buffer.isDirect(), () -> field + ": a heap buffer (expected: a direct one)");
    require(
        buffer.order() == ByteOrder.nativeOrder(),
        () -> field + ": " + buffer.order() + " (expected: native byte order)");
    require(
        buffer.remaining() % unit == 0,
        () -> field + ": " + buffer.remaining() + " bytes (expected: a multiple of " + unit + ")");
  }

  private static void require(boolean condition, Supplier<String> message) {
    if (!condition) {
      throw new IllegalArgumentException(message.get());
    }
  }
}
