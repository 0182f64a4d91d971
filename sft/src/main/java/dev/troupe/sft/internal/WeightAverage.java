package dev.troupe.sft.internal;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.CheckpointSink;
import dev.troupe.core.Communicator;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Layout.Range;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * An exponential moving average of the weights over steps, {@code a = a + (1 - decay) * (w - a)},
 * which begins at the weights before the first (Polyak and Juditsky, "Acceleration of Stochastic
 * Approximation by Averaging", 1992, with fading memory). Each rank has that of the {@link Shards}
 * that it holds.
 */
final class WeightAverage {

  private static final String FILE = "average";

  private final Layout layout;
  private final Shards shards;
  private final List<Range> ranges;
  private final double decay;
  private final ByteBuffer average;

  /**
   * @param decay part that is kept each step, above 0, below 1
   * @param weights flat, before the first step
   */
  WeightAverage(Layout layout, Shards shards, double decay, ByteBuffer weights) {
    this.layout = layout;
    this.shards = shards;
    this.decay = decay;
    ranges = shards.heldRanges(layout);
    average = shards.pack(layout, weights);
  }

  /** Takes in the weights after a step. */
  void add(ByteBuffer weights) {
    int at = 0;
    for (Range range : ranges) {
      ByteBuffer own = Shards.view(weights, range);
      ByteBuffer target = average.slice(at, own.limit()).order(average.order());
      FlatMath.approach(target, own, 1 - decay);
      at += own.limit();
    }
  }

  /** The whole average, flat. Collective. */
  ByteBuffer gather(Communicator communicator) {
    ByteBuffer whole = FlatMath.allocate(layout.size());
    int at = 0;
    for (Range range : ranges) {
      whole.put(range.from() * Float.BYTES, average, at, range.length() * Float.BYTES);
      at += range.length() * Float.BYTES;
    }
    shards.gather(communicator, layout, whole);
    return whole;
  }

  void save(CheckpointSink sink) {
    new ShardFiles(layout, shards).save(sink, FILE, average);
  }

  /** Writes the copies of others' shards, too. */
  void saveHeld(CheckpointSink sink) {
    new ShardFiles(layout, shards).saveHeld(sink, FILE, average);
  }

  void restore(Checkpoint checkpoint) {
    new ShardFiles(layout, shards).restore(checkpoint, FILE, average);
  }
}
