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
 * Shards} and gets the other parameters from their owners.
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
  private final List<Range> ranges;
  private final AdamW optimizer;

  /** A row of blocks' sums for each owner, {@code [owners, most blocks of any]}. */
  private final ByteBuffer squares;

  ShardedAdamW(Communicator communicator, Layout layout, Shards shards, AdamW.Options options) {
    this.communicator = communicator;
    this.layout = layout;
    this.shards = shards;
    ranges = shards.ranges(layout);
    optimizer = new AdamW(layout, ranges, options);
    int most = 0;
    for (int owner = 0; owner < shards.owners(); owner++) {
      most = Math.max(most, rangesOf(owner).stream().mapToInt(ShardedAdamW::blocks).sum());
    }
    squares =
        ByteBuffer.allocateDirect(shards.owners() * most * Double.BYTES)
            .order(ByteOrder.nativeOrder());
  }

  private List<Range> rangesOf(int owner) {
    return new Shards(owner, shards.owners()).ranges(layout);
  }

  private static int blocks(Range range) {
    return (range.length() + FlatMath.BLOCK - 1) / FlatMath.BLOCK;
  }

  /**
   * The norm of the whole gradient. Collective.
   *
   * @param gradients of which the own shards count
   */
  double norm(ByteBuffer gradients) {
    int row = squares.limit() / shards.owners();
    int at = shards.owner() * row;
    for (Range range : ranges) {
      for (double sum : FlatMath.squares(view(gradients, range))) {
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
        int blocks = blocks(rangesOf(owner).get(bucket));
        for (int block = 0; block < blocks; block++) {
          sum += squares.getDouble(owner * row + at[owner]);
          at[owner] += Double.BYTES;
        }
      }
    }
    return sum;
  }

  /** Updates the own shards; see {@link AdamW#step}. */
  void step(
      ByteBuffer parameters, ByteBuffer gradients, double learningRate, double gradientScale) {
    optimizer.step(parameters, gradients, learningRate, gradientScale);
  }

  /** Gets what the others have updated. Collective. */
  void gather(ByteBuffer parameters) {
    if (shards.owners() > 1) {
      for (Layout.Bucket bucket : layout.buckets()) {
        Range range = new Range(bucket.offset(), bucket.offset() + bucket.length());
        communicator.allGather(view(parameters, range), Shards.UNIT);
      }
    }
  }

  private static ByteBuffer view(ByteBuffer flat, Range range) {
    return flat.slice(range.from() * Float.BYTES, range.length() * Float.BYTES)
        .order(ByteOrder.nativeOrder());
  }

  /** Bytes of optimizer state that this rank holds. */
  long bytes() {
    return 2L * optimizer.firstMoment().limit();
  }

  /** Writes the own shards. */
  void save(CheckpointSink sink) {
    sink.put(file(FIRST, shards), optimizer.firstMoment().duplicate().clear());
    sink.put(file(SECOND, shards), optimizer.secondMoment().duplicate().clear());
  }

  private static String file(String name, Shards shards) {
    return "%s-%d-of-%d.f32".formatted(name, shards.owner() + 1, shards.owners());
  }

  /** Reads the own shards, whatever number of ranks wrote them. */
  void restore(Checkpoint checkpoint) {
    int owners = owners(checkpoint);
    for (int owner = 0; owner < owners; owner++) {
      Shards saved = new Shards(owner, owners);
      copy(checkpoint, saved, FIRST, optimizer.firstMoment());
      copy(checkpoint, saved, SECOND, optimizer.secondMoment());
    }
    optimizer.steps(checkpoint.step());
  }

  private static int owners(Checkpoint checkpoint) {
    return (int) checkpoint.files().stream().filter(file -> file.startsWith(FIRST)).count();
  }

  private void copy(Checkpoint checkpoint, Shards saved, String name, ByteBuffer target) {
    List<Range> theirs = saved.ranges(layout);
    ByteBuffer source = checkpoint.read(file(name, saved));
    int expected = theirs.stream().mapToInt(Range::length).sum() * Float.BYTES;
    if (source.remaining() != expected) {
      throw new IllegalStateException(
          "checkpoint at step %d, %s: %d bytes (expected: %d, as the model has)"
              .formatted(checkpoint.step(), file(name, saved), source.remaining(), expected));
    }
    int from = source.position();
    int to = 0;
    for (int bucket = 0; bucket < theirs.size(); bucket++) {
      Range their = theirs.get(bucket);
      Range own = ranges.get(bucket);
      int begin = Math.max(their.from(), own.from());
      int length = Math.min(their.to(), own.to()) - begin;
      if (length > 0) {
        target.put(
            to + (begin - own.from()) * Float.BYTES,
            source,
            from + (begin - their.from()) * Float.BYTES,
            length * Float.BYTES);
      }
      from += their.length() * Float.BYTES;
      to += own.length() * Float.BYTES;
    }
  }
}
