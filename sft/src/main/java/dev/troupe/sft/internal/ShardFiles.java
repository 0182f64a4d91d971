package dev.troupe.sft.internal;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.CheckpointSink;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Layout.Range;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * State in a checkpoint of which each owner has its {@link Shards}: a file an owner, {@code
 * NAME-1-of-4.f32}, its ranges one behind the other. Any number of owners reads it.
 */
record ShardFiles(Layout layout, Shards shards) {

  /** Writes the own shards of something. */
  void save(CheckpointSink sink, String name, ByteBuffer own) {
    sink.put(file(name, shards), own.duplicate().clear());
  }

  private static String file(String name, Shards shards) {
    return "%s-%d-of-%d.f32".formatted(name, shards.owner() + 1, shards.owners());
  }

  private static int owners(Checkpoint checkpoint, String name) {
    return (int) checkpoint.files().stream().filter(file -> file.startsWith(name + "-")).count();
  }

  /** Reads the own shards of something, whatever number of owners wrote it. */
  void restore(Checkpoint checkpoint, String name, ByteBuffer own) {
    int owners = owners(checkpoint, name);
    for (int owner = 0; owner < owners; owner++) {
      Shards saved = new Shards(owner, owners);
      ByteBuffer source = checkpoint.read(file(name, saved));
      int expected = saved.ranges(layout).stream().mapToInt(Range::length).sum() * Float.BYTES;
      if (source.remaining() != expected) {
        throw new IllegalStateException(
            "checkpoint at step %d, %s: %d bytes (expected: %d, as the model has)"
                .formatted(checkpoint.step(), file(name, saved), source.remaining(), expected));
      }
      copyOverlap(source, saved.ranges(layout), own, shards.ranges(layout));
    }
  }

  private static void copyOverlap(
      ByteBuffer source, List<Range> theirs, ByteBuffer target, List<Range> ours) {
    int from = source.position();
    int to = 0;
    for (int bucket = 0; bucket < theirs.size(); bucket++) {
      Range their = theirs.get(bucket);
      Range our = ours.get(bucket);
      int begin = Math.max(their.from(), our.from());
      int length = Math.min(their.to(), our.to()) - begin;
      if (length > 0) {
        target.put(
            to + (begin - our.from()) * Float.BYTES,
            source,
            from + (begin - their.from()) * Float.BYTES,
            length * Float.BYTES);
      }
      from += their.length() * Float.BYTES;
      to += our.length() * Float.BYTES;
    }
  }
}
