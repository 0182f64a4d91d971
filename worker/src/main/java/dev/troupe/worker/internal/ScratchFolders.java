package dev.troupe.worker.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders of pieces of work, below one that this worker has locked. A worker that was killed leaves
 * its own behind, unlocked: the next one of this host removes it.
 */
public final class ScratchFolders implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ScratchFolders.class);

  private static final String PREFIX = "troupe-work-";
  private static final String LOCK = ".lock";

  /** A folder without a lock is of a worker that has just made it, until it is older than this. */
  private static final Duration LOCKED_BY_THEN = Duration.ofMinutes(1);

  private final Path root;
  private final FileChannel lock;

  private ScratchFolders(Path root, FileChannel lock) {
    this.root = root;
    this.lock = lock;
  }

  /**
   * Removes what killed workers left in {@code directory}, and makes this worker's folder there.
   *
   * @throws UncheckedIOException if it cannot be made
   */
  public static ScratchFolders open(Path directory) {
    removeOrphans(directory);
    try {
      Path root = Files.createTempDirectory(directory, PREFIX);
      FileChannel channel =
          FileChannel.open(
              root.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      FileLock unused = channel.lock(); // until the channel is closed, or the process ends
      return new ScratchFolders(root, channel);
    } catch (IOException e) {
      throw new UncheckedIOException("no folder for scratch files in " + directory, e);
    }
  }

  /** A new, empty folder. */
  Path create() {
    try {
      return Files.createTempDirectory(root, "");
    } catch (IOException e) {
      throw new UncheckedIOException("no folder for scratch files in " + root, e);
    }
  }

  /** Removes a folder with all that is in it. */
  void remove(Path folder) {
    try (Stream<Path> tree = Files.walk(folder)) {
      List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("{} was removed already", folder);
    } catch (IOException | UncheckedIOException e) {
      LOG.warn("{} stays: {}", folder, e.toString());
    }
  }

  private static void removeOrphans(Path directory) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, PREFIX + "*")) {
      for (Path root : found) {
        FileChannel channel = lockOf(root);
        if (channel != null) {
          try (channel) {
            LOG.info("removing {}, which a killed worker left behind", root);
            new ScratchFolders(root, channel).remove(root);
          }
        }
      }
    } catch (IOException e) {
      LOG.warn("what killed workers left in {} stays: {}", directory, e.toString());
    }
  }

  /** The lock of a folder that nobody holds; null if somebody does, or may. */
  private static FileChannel lockOf(Path root) {
    FileChannel channel = null;
    try {
      boolean made = Files.exists(root.resolve(LOCK));
      Instant changed = Files.getLastModifiedTime(root).toInstant();
      if (!made && changed.isAfter(Instant.now().minus(LOCKED_BY_THEN))) {
        return null;
      }
      channel =
          FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (channel.tryLock() != null) {
        return channel;
      }
      channel.close();
    } catch (OverlappingFileLockException e) { // of another worker in this process
      closeQuietly(channel);
    } catch (IOException e) { // another user's, or removed meanwhile
      closeQuietly(channel);
    }
    return null;
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.debug("a lock was not closed", e);
    }
  }

  /** Removes all of this worker's. */
  @Override
  public void close() {
    remove(root);
    closeQuietly(lock);
  }
}
