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
 * <p>If shards are copied, each rank also makes the update of the owner before it, so that what is
 * lost with a rank is still there with the next. That costs the update, but no message: the copy
 * never has to be sent, and it is never late.
 *
 * @param owner from 0
 * @param owners the ranks that share the work; 1 if it is not shared
 * @param copied whether each shard is held by a second rank
 */
record Shards(int owner, int owners, boolean copied) {

  /** Bytes that are not cut: the blocks of {@link FlatMath#squares}. */
  static final int UNIT = FlatMath.BLOCK * Float.BYTES;

  /** All of it, as the one owner has it. */
  static Shards whole() {
    return new Shards(0, 1, false);
  }

  /** The owners whose shards are held here, this one first. */
  List<Integer> held() {
    return copied && owners > 1 ? List.of(owner, (owner + owners - 1) % owners) : List.of(owner);
  }

  /** Whether nothing is held elsewhere alone. */
  boolean holdAll() {
    return held().size() == owners;
  }

  /** Whether sums of gradients are needed beyond the own shards. */
  boolean needSumsOfOthers() {
    return owners == 1 || copied;
  }

  /** The own shard of a bucket. */
  ByteBuffer own(ByteBuffer bucket) {
    Shard shard = Shard.of(bucket.limit(), UNIT, owner, owners);
    return bucket.slice(shard.from(), shard.length()).order(bucket.order());
  }

  /** An owner's elements of a flat buffer, a range for each bucket. */
  List<Range> ranges(Layout layout, int ofOwner) {
    return layout.buckets().stream()
        .map(
            bucket -> {
              Shard shard = Shard.of(bucket.length() * Float.BYTES, UNIT, ofOwner, owners);
              int from = bucket.offset() + shard.from() / Float.BYTES;
              return new Range(from, from + shard.length() / Float.BYTES);
            })
        .toList();
  }

  /** The elements that are held here, owner by owner as {@link #held} has them. */
  List<Range> heldRanges(Layout layout) {
    return held().stream().flatMap(holder -> ranges(layout, holder).stream()).toList();
  }

  /** Elements in all ranges. */
  static int length(List<Range> ranges) {
    return ranges.stream().mapToInt(Range::length).sum();
  }

  /** A range of a flat buffer. */
  static ByteBuffer view(ByteBuffer flat, Range range) {
    return flat.slice(range.from() * Float.BYTES, range.length() * Float.BYTES)
        .order(ByteOrder.nativeOrder());
  }

  /** What is held here of a flat buffer, one range behind the other, in new memory. */
  ByteBuffer pack(Layout layout, ByteBuffer flat) {
    List<Range> ranges = heldRanges(layout);
    ByteBuffer packed = FlatMath.allocate(length(ranges));
    int at = 0;
    for (Range range : ranges) {
      int bytes = range.length() * Float.BYTES;
      packed.put(at, flat, range.from() * Float.BYTES, bytes);
      at += bytes;
    }
    return packed;
  }

  /** Of a flat buffer, all get what is not held everywhere from its owners. Collective. */
  void gather(Communicator communicator, Layout layout, ByteBuffer flat) {
    if (!holdAll()) {
      for (Layout.Bucket bucket : layout.buckets()) {
        Range whole = new Range(bucket.offset(), bucket.offset() + bucket.length());
        communicator.allGather(view(flat, whole), UNIT);
      }
    }
  }
}
