package dev.troupe.collective.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A mapped file in a memory file system, one block for each rank of the host. Touching a page of
 * such a file that the system cannot provide kills the process (SIGBUS), so every page is written
 * once by a call that reports an error instead, before anyone maps it.
 */
final class Segment {
  private static final int PAGE = 4096;
  private static final int ZEROS = 1 << 20;
  private static final Duration LEFTOVER_AGE = Duration.ofMinutes(10);
  private static final String PREFIX = "troupe-";
  private static final String SUFFIX = ".arena";

  private final List<ByteBuffer> blocks;

  private Segment(List<ByteBuffer> blocks) {
    this.blocks = blocks;
  }

  /** The length of a block that holds {@code bytes}: whole pages, at least one. */
  static long stride(long bytes) {
    return Math.max(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);
  }

  /**
   * Makes a file with all its pages reserved and zeroed.
   *
   * @throws IllegalStateException if the folder has no room
   */
  static Path create(Path dir, long bytes) {
    Path file = null;
    try {
      long free = Files.getFileStore(dir).getUsableSpace();
      if (free < bytes) {
        throw noRoom(dir, bytes, free, null);
      }
      String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
      file = dir.resolve(PREFIX + ProcessHandle.current().pid() + "-" + random + SUFFIX);
      reserve(file, bytes);
      return file;
    } catch (IOException e) {
      unlink(file);
      throw noRoom(dir, bytes, dir.toFile().getUsableSpace(), e);
    }
  }

  private static void reserve(Path file, long bytes) throws IOException {
    var options =
        EnumSet.of(
            StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    ByteBuffer zeros = Memory.direct((int) Math.min(ZEROS, bytes));
    try (FileChannel channel = FileChannel.open(file, options, ownerOnly)) {
      for (long at = 0; at < bytes; ) {
        zeros.position(0).limit((int) Math.min(zeros.capacity(), bytes - at));
        at += channel.write(zeros, at);
      }
    } finally {
      Memory.release(zeros);
    }
  }

  private static IllegalStateException noRoom(Path dir, long bytes, long free, IOException cause) {
    String message =
        String.format(
            "shared memory: needs %s MiB, %s MiB free in %s; enlarge it (mount option size=, or"
                + " --shm-size of a container), choose another folder (troupe.worker.shared-memory),"
                + " or do without (troupe.worker.transport: tcp)",
            mebibytes(bytes), mebibytes(free), dir);
    return new IllegalStateException(message, cause);
  }

  private static String mebibytes(long bytes) {
    return String.format("%.1f", bytes / 1048576.0);
  }

  /** Maps all blocks of a file that {@link #create} made. */
  static Segment map(Path file, int count, long stride) throws IOException {
    List<ByteBuffer> blocks = new ArrayList<>();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() != count * stride) {
        throw new IOException(
            file + ": " + channel.size() + " bytes (expected: " + count * stride + ")");
      }
      for (int i = 0; i < count; i++) {
        var block = channel.map(FileChannel.MapMode.READ_WRITE, i * stride, stride);
        block.load(); // page faults now, not in the first step
        blocks.add(block.order(ByteOrder.nativeOrder()));
      }
      return new Segment(blocks);
    } catch (IOException e) {
      new Segment(blocks).unmap();
      throw e;
    }
  }

  /** Whether the path is one that {@link #create} could have made in {@code dir}. */
  static boolean isArena(Path file, Path dir) {
    String name = file.getFileName().toString();
    return dir.equals(file.getParent()) && name.startsWith(PREFIX) && name.endsWith(SUFFIX);
  }

  ByteBuffer block(int member) {
    return blocks.get(member);
  }

  /** No view of any block may be used after this. */
  void unmap() {
    blocks.forEach(Memory::release);
    blocks.clear();
  }

  static void unlink(Path file) {
    if (file != null) {
      file.toFile().delete();
    }
  }

  /**
   * Deletes what a process left that died between making a file and unlinking it, a matter of
   * milliseconds. Only old files are touched, whose maker is gone.
   */
  static void sweep(Path dir) {
    Instant old = Instant.now().minus(LEFTOVER_AGE);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(dir, PREFIX + "*" + SUFFIX)) {
      for (Path file : files) {
        boolean alive = pidOf(file).flatMap(ProcessHandle::of).isPresent();
        if (!alive && isOlder(file, old)) {
          unlink(file);
        }
      }
    } catch (IOException e) {
      // A folder that cannot be listed is reported when an arena is made in it, if one ever is.
      return;
    }
  }

  private static boolean isOlder(Path file, Instant than) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(than);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static Optional<Long> pidOf(Path file) {
    String[] parts = file.getFileName().toString().split("-", -1);
    try {
      return Optional.of(Long.parseLong(parts[1]));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
