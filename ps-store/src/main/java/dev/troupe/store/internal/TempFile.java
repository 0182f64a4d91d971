package dev.troupe.store.internal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * A file on its way to its place. It appears there whole and durable, or not at all: written under
 * a name of its own, synced, renamed, and the directory synced. Closed without a {@link #publish},
 * it is removed.
 */
final class TempFile implements Closeable {

  private final Path path;
  private final FileChannel channel;
  private boolean published;

  TempFile(Path directory) throws IOException {
    path = directory.resolve(ProcessHandle.current().pid() + "-" + UUID.randomUUID() + ".part");
    channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  Path path() {
    return path;
  }

  /**
   * Adds all that remains of a buffer, whose position stays. In pieces: for each write the JDK
   * copies a heap buffer to memory that it keeps.
   */
  void write(ByteBuffer content) throws IOException {
    ByteBuffer rest = content.duplicate();
    while (rest.hasRemaining()) {
      int size = Math.min(Chunks.SIZE, rest.remaining());
      rest.position(rest.position() + channel.write(rest.slice(rest.position(), size)));
    }
  }

  /** Moves the file to {@code target}, in place of what was there. */
  void publish(Path target) throws IOException {
    channel.force(false);
    channel.close();
    Path directory = target.getParent();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
      sync(directory.getParent());
    }
    Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
    published = true;
    sync(directory);
  }

  /** Makes a directory's entries durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      if (!published) {
        Files.deleteIfExists(path);
      }
    }
  }
}
