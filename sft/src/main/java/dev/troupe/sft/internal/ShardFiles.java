package dev.troupe.sft.internal;

import dev.troupe.core.Checkpoint;
import dev.troupe.core.CheckpointSink;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Layout.Range;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * State in a checkpoint of which each owner has its {@link Shards}: a file an owner, {@code
 * NAME-1-of-4.f32}, its ranges one behind the other. Any number of owners reads it.
 */
record ShardFiles(Layout layout, Shards shards) {

  private static final Pattern FILE = Pattern.compile("(.+)-(\\d+)-of-\\d+\\.f32");

  /**
   * Writes the own shards of something.
   *
   * @param held as {@link Shards#heldRanges} has it
   */
  void save(CheckpointSink sink, String name, ByteBuffer held) {
    sink.put(file(name, shards.owner(), shards.owners()), part(held, shards.owner()));
  }

  /** Writes the copies of others' shards, too. */
  void saveHeld(CheckpointSink sink, String name, ByteBuffer held) {
    for (int owner : shards.held()) {
      sink.put(file(name, owner, shards.owners()), part(held, owner));
    }
  }

  /** Reads the shards that are held here, whatever number of owners wrote them. */
  void restore(Checkpoint checkpoint, String name, ByteBuffer held) {
    int owners = (int) checkpoint.files().stream().filter(f -> f.startsWith(name + "-")).count();
    Shards saved = new Shards(0, owners, false);
    for (int from = 0; from < owners; from++) {
      String file = file(name, from, owners);
      ByteBuffer source = checkpoint.read(file);
      List<Range> theirs = saved.ranges(layout, from);
      int expected = Shards.length(theirs) * Float.BYTES;
      if (source.remaining() != expected) {
        throw new IllegalStateException(
            "checkpoint at step %d, %s: %d bytes (expected: %d, as the model has)"
                .formatted(checkpoint.step(), file, source.remaining(), expected));
      }
      for (int owner : shards.held()) {
        copyOverlap(source, theirs, part(held, owner), shards.ranges(layout, owner));
      }
    }
  }

  /** Whose shards are in a file, counted from 0; empty if it is none of these files. */
  static OptionalInt ownerOf(String file) {
    Matcher matcher = FILE.matcher(file);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(2)) - 1)
        : OptionalInt.empty();
  }

  /** The file of another owner that belongs to this one. */
  static String sibling(String file, int owner, int owners) {
    Matcher matcher = FILE.matcher(file);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("file: " + file + " (expected: as in " + FILE + ")");
    }
    return file(matcher.group(1), owner, owners);
  }

  private static String file(String name, int owner, int owners) {
    return "%s-%d-of-%d.f32".formatted(name, owner + 1, owners);
  }

  /** The shards of one owner, of those held here. */
  private ByteBuffer part(ByteBuffer held, int owner) {
    int from = 0;
    for (int before : shards.held()) {
      int bytes = Shards.length(shards.ranges(layout, before)) * Float.BYTES;
      if (before == owner) {
        return held.slice(from, bytes).order(held.order());
      }
      from += bytes;
    }
    throw new IllegalArgumentException("owner: " + owner + " (expected: of " + shards.held() + ")");
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
