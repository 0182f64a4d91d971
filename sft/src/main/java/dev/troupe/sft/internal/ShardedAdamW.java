package dev.troupe.sft.internal;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.CheckpointSink;
import dev.troupe.core.Communicator;
import dev.troupe.tensor.AdamW;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Layout.Range;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * AdamW whose moments are spread over the ranks (Rajbhandari et al., "ZeRO: Memory Optimizations
 * Toward Training Trillion Parameter Models", 2020, section 5.1): each rank updates its {@link
 * Shards} (with the copies that it holds) and gets the other parameters from their owners.
 *
 * <p>Nothing about the result shows how many there are: an update goes element by element, and the
 * norm is summed over blocks that no shard cuts, in the order of the buffer.
 */
final class ShardedAdamW {

  private static final String FIRST = "first-moment";
  private static final String SECOND = "second-moment";

  private final Communicator communicator;
  private final Layout layout;
  private final Shards shards;

  /** The own ones. */
  private final List<Range> ranges;

  private final AdamW optimizer;
  private final ShardFiles files;

  /** A row of blocks' sums for each owner, {@code [owners, most blocks of any]}. */
  private final ByteBuffer squares;

  ShardedAdamW(Communicator communicator, Layout layout, Shards shards, AdamW.Options options) {
    this.communicator = communicator;
    this.layout = layout;
    this.shards = shards;
    ranges = shards.ranges(layout, shards.owner());
    optimizer = new AdamW(layout, shards.heldRanges(layout), options);
    files = new ShardFiles(layout, shards);
    int most = 0;
    for (int owner = 0; owner < shards.owners(); owner++) {
      most =
          Math.max(
              most, shards.ranges(layout, owner).stream().mapToInt(ShardedAdamW::blocks).sum());
    }
    squares =
        ByteBuffer.allocateDirect(shards.owners() * most * Double.BYTES)
            .order(ByteOrder.nativeOrder());
  }

  private static int blocks(Range range) {
    return (range.length() + FlatMath.BLOCK - 1) / FlatMath.BLOCK;
  }

  /**
   * The norm of the whole gradient. Collective; where there are several owners, no rank leaves it
   * before all ranks have come.
   *
   * @param gradients of which the own shards count
   */
  double norm(ByteBuffer gradients) {
    int row = squares.limit() / shards.owners();
    int at = shards.owner() * row;
    for (Range range : ranges) {
      for (double sum : FlatMath.squares(Shards.view(gradients, range))) {
        squares.putDouble(at, sum);
        at += Double.BYTES;
      }
    }
    if (shards.owners() > 1) {
      communicator.allGather(squares, row);
    }
    return Math.sqrt(sumInOrder(row));
  }

  /** Bucket by bucket, each from its first owner to its last. */
  private double sumInOrder(int row) {
    int[] at = new int[shards.owners()];
    double sum = 0;
    for (int bucket = 0; bucket < layout.buckets().size(); bucket++) {
      for (int owner = 0; owner < shards.owners(); owner++) {
        int blocks = blocks(shards.ranges(layout, owner).get(bucket));
        for (int block = 0; block < blocks; block++) {
          sum += squares.getDouble(owner * row + at[owner]);
          at[owner] += Double.BYTES;
        }
      }
    }
    return sum;
  }

  /** Updates the shards held here; see {@link AdamW#step}. */
  void step(
      ByteBuffer parameters, ByteBuffer gradients, double learningRate, double gradientScale) {
    optimizer.step(parameters, gradients, learningRate, gradientScale);
  }

  /** Gets what the others have updated. Collective. */
  void gather(ByteBuffer parameters) {
    shards.gather(communicator, layout, parameters);
  }

  /** Bytes of optimizer state that this rank holds. */
  long bytes() {
    return 2L * optimizer.firstMoment().limit();
  }

  /** Writes the own shards. */
  void save(CheckpointSink sink) {
    files.save(sink, FIRST, optimizer.firstMoment());
    files.save(sink, SECOND, optimizer.secondMoment());
  }

  /** Writes the copies of others' shards, too. */
  void saveHeld(CheckpointSink sink) {
    files.saveHeld(sink, FIRST, optimizer.firstMoment());
    files.saveHeld(sink, SECOND, optimizer.secondMoment());
  }

  /** Reads the shards held here, whatever number of ranks wrote them. */
  void restore(Checkpoint checkpoint) {
    files.restore(checkpoint, FIRST, optimizer.firstMoment());
    files.restore(checkpoint, SECOND, optimizer.secondMoment());
    optimizer.steps(checkpoint.step());
  }
}
