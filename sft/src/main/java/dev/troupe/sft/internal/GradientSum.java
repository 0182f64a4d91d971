package dev.troupe.sft.internal;

import dev.troupe.core.Communicator;
import dev.troupe.core.DType;
import dev.troupe.core.SumTree;
import dev.troupe.lm.Batch;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.Loss;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A step's gradient and loss, summed over all micro-batches of all ranks in the order of {@link
 * SumTree}: bit for bit the same however many ranks share the work.
 *
 * <p>A rank's micro-batches fill the nodes of its cover one after the other, each like a binary
 * counter: a stack of buffers in which two sums of equal size are merged as soon as they are there,
 * so a node of 2^k leaves needs k + 1 buffers. The lowest buffer of each stack is shared memory,
 * which other ranks read in place.
 *
 * <p>As backward of a micro-batch finishes a bucket, that bucket is merged while it is in the
 * cache; in the last micro-batch it also goes to its all-reduce at once, under the backward pass of
 * the layers before it. With {@link Shards} of several owners and no copies, a rank gets the sum of
 * its own shards only.
 *
 * <p>A buffer begins with {@link #HEADER} elements, of which the first is the loss. They are summed
 * like one more bucket, the last, which always goes to all.
 */
final class GradientSum {

  /** Elements before the gradients: one cache line, so that both are aligned. */
  private static final int HEADER = 16;

  /** A flat gradient buffer with its header, and views of its parts: the buckets, the header. */
  private static final class Slot {
    final ByteBuffer gradients;
    final ByteBuffer header;
    final List<ByteBuffer> parts = new ArrayList<>();

    Slot(ByteBuffer whole, Layout layout) {
      gradients = view(whole, HEADER, layout.size());
      header = view(whole, 0, HEADER);
      for (Layout.Bucket bucket : layout.buckets()) {
        parts.add(view(whole, HEADER + bucket.offset(), bucket.length()));
      }
      parts.add(header);
    }
  }

  private final Communicator communicator;
  private final SumTree tree;
  private final SumTree.Range range;
  private final List<SumTree.Node> nodes;
  private final List<Slot> parts = new ArrayList<>();
  private final List<Slot> scratch = new ArrayList<>();
  private final Shards shards;

  /** The index of the header among a slot's parts. */
  private final int header;

  private final List<Communicator.Pending> pending = new ArrayList<>();

  /** Collective: all ranks of the communicator make one together. */
  GradientSum(Communicator communicator, Layout layout, Shards shards, int microBatches) {
    this.communicator = communicator;
    this.shards = shards;
    tree = new SumTree(microBatches);
    range = tree.leavesOf(communicator.rank(), communicator.size());
    nodes = tree.cover(range);
    header = layout.buckets().size();
    int bytes = Math.addExact(layout.bytes(), HEADER * Float.BYTES);
    for (int i = 0; i < mostNodesOfAnyRank(); i++) {
      parts.add(new Slot(communicator.allocate(bytes), layout));
    }
    int levels = nodes.stream().mapToInt(SumTree.Node::level).max().orElse(0);
    for (int i = 0; i < levels; i++) {
      scratch.add(new Slot(FlatMath.allocate(bytes / Float.BYTES), layout));
    }
  }

  private int mostNodesOfAnyRank() {
    int most = 1;
    for (int rank = 0; rank < communicator.size(); rank++) {
      most = Math.max(most, tree.cover(tree.leavesOf(rank, communicator.size())).size());
    }
    return most;
  }

  /** The leaves that this rank computes. */
  SumTree.Range range() {
    return range;
  }

  /**
   * Runs forward and backward of this rank's micro-batches; at return the last all-reduce may be
   * under way.
   *
   * @param batches one for each leaf of {@link #range}
   * @param divisor counted tokens of the whole global batch
   */
  void run(CausalLm model, List<Batch> batches, long divisor) {
    pending.clear();
    int leaf = range.from();
    for (int n = 0; n < nodes.size(); n++) {
      int end = Math.min(nodes.get(n).endLeaf(), range.to());
      int count = end - leaf;
      int depth = 0;
      for (int done = 1; done <= count; done++, leaf++) {
        int merges = done == count ? depth : Integer.numberOfTrailingZeros(done);
        boolean last = leaf + 1 == range.to();
        leaf(model, batches.get(leaf - range.from()), divisor, n, depth, merges, last);
        depth += 1 - merges;
      }
    }
    if (range.length() == 0) { // a rank without work still takes part
      for (int bucket = header - 1; bucket >= 0; bucket--) {
        reduce(bucket);
      }
      reduce(header);
    }
  }

  private void leaf(
      CausalLm model, Batch batch, long divisor, int node, int depth, int merges, boolean last) {
    Slot slot = slot(node, depth);
    Loss loss =
        model.forwardBackward(
            batch,
            (double) divisor,
            slot.gradients,
            bucket -> finish(bucket, node, depth, merges, last));
    slot.header.putFloat(0, (float) loss.sum());
    finish(header, node, depth, merges, last);
  }

  private void finish(int part, int node, int depth, int merges, boolean last) {
    for (int d = depth; d > depth - merges; d--) {
      FlatMath.add(slot(node, d - 1).parts.get(part), slot(node, d).parts.get(part));
    }
    if (last) {
      reduce(part);
    }
  }

  private void reduce(int part) {
    List<ByteBuffer> views = new ArrayList<>(nodes.size());
    for (int n = 0; n < Math.max(1, nodes.size()); n++) { // without leaves, one for its length
      views.add(parts.get(n).parts.get(part));
    }
    ByteBuffer result = parts.get(0).parts.get(part);
    pending.add(
        part == header || shards.needSumsOfOthers()
            ? communicator.allReduceAsync(tree, views, result, DType.F32)
            : communicator.reduceScatterAsync(
                tree, views, shards.own(result), DType.F32, Shards.UNIT));
  }

  private Slot slot(int node, int depth) {
    return depth == 0 ? parts.get(node) : scratch.get(depth - 1);
  }

  /** Waits until all ranks hold the sum, or their shards of it. */
  void await() {
    pending.forEach(Communicator.Pending::await);
  }

  /** The summed gradient, once {@link #await} has returned. */
  ByteBuffer gradients() {
    return parts.get(0).gradients;
  }

  /** The summed loss in nats, once {@link #await} has returned. */
  double loss() {
    return parts.get(0).header.getFloat(0);
  }

  private static ByteBuffer view(ByteBuffer buffer, int fromElement, int elements) {
    return buffer
        .slice(fromElement * Float.BYTES, elements * Float.BYTES)
        .order(ByteOrder.nativeOrder());
  }
}
