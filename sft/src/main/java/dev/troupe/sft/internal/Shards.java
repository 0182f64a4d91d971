package dev.troupe.sft.internal;

import dev.troupe.core.Communicator;
import dev.troupe.core.Shard;
import dev.troupe.tensor.FlatMath;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Layout.Range;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Who updates which parameters: each bucket is cut into a {@link Shard} for every owner. If there
 * is one owner, each rank is that owner, and all make the same update.
 *
 * @param owner from 0
 * @param owners the ranks that share the work; 1 if it is not shared
 */
record Shards(int owner, int owners) {

  /** Bytes that are not cut: the blocks of {@link FlatMath#squares}. */
  static final int UNIT = FlatMath.BLOCK * Float.BYTES;

  /** The own shard of a bucket. */
  ByteBuffer own(ByteBuffer bucket) {
    Shard shard = Shard.of(bucket.limit(), UNIT, owner, owners);
    return bucket.slice(shard.from(), shard.length()).order(bucket.order());
  }

  /** The own elements of a flat buffer, a range for each bucket. */
  List<Range> ranges(Layout layout) {
    return layout.buckets().stream()
        .map(
            bucket -> {
              Shard shard = Shard.of(bucket.length() * Float.BYTES, UNIT, owner, owners);
              int from = bucket.offset() + shard.from() / Float.BYTES;
              return new Range(from, from + shard.length() / Float.BYTES);
            })
        .toList();
  }

  /** A range of a flat buffer. */
  static ByteBuffer view(ByteBuffer flat, Range range) {
    return flat.slice(range.from() * Float.BYTES, range.length() * Float.BYTES)
        .order(ByteOrder.nativeOrder());
  }

  /** The shards of all owners of a flat buffer go to all. Collective. */
  void gather(Communicator communicator, Layout layout, ByteBuffer flat) {
    if (owners > 1) {
      for (Layout.Bucket bucket : layout.buckets()) {
        Range whole = new Range(bucket.offset(), bucket.offset() + bucket.length());
        communicator.allGather(view(flat, whole), UNIT);
      }
    }
  }
}
