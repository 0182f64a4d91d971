package dev.troupe.store.internal;

import dev.troupe.core.StoreException;
import dev.troupe.store.StoredBlob;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files of a directory's blobs: {@code blobs/ab/cdef...}, and in the trash {@code
 * trash/abcdef...}. A file's time of modification says since when it is as it is.
 */
final class BlobFiles implements Collectable {

  private static final Logger log = LoggerFactory.getLogger(BlobFiles.class);

  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

  private final Path blobs;
  private final Path trash;

  BlobFiles(Path blobs, Path trash) {
    this.blobs = blobs;
    this.trash = trash;
  }

  void createDirectories() throws IOException {
    Files.createDirectories(blobs);
    Files.createDirectories(trash);
  }

  /** Where a blob is, if it is not in the trash. */
  Path path(String sha256) {
    return blobs.resolve(sha256.substring(0, 2)).resolve(sha256.substring(2));
  }

  /**
   * Opens a blob's file; one that is needed is needed no less for being in the trash.
   *
   * @throws NoSuchFileException if there is none
   */
  FileChannel open(String sha256) throws IOException {
    try {
      return FileChannel.open(path(sha256), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      restore(sha256);
      return FileChannel.open(path(sha256), StandardOpenOption.READ);
    }
  }

  boolean delete(String sha256) {
    boolean wasTrashed = delete(trash.resolve(sha256));
    return delete(path(sha256)) || wasTrashed;
  }

  private static boolean delete(Path file) {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new StoreException("cannot delete " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void forEach(Consumer<StoredBlob> action) {
    try {
      for (Path shard : list(blobs)) {
        for (Path file : list(shard)) {
          report(shard.getFileName().toString() + file.getFileName(), file, action);
        }
      }
    } catch (IOException e) {
      throw Failures.reading(blobs, e);
    }
  }

  @Override
  public void forEachTrashed(Consumer<StoredBlob> action) {
    try {
      for (Path file : list(trash)) {
        report(file.getFileName().toString(), file, action);
      }
    } catch (IOException e) {
      throw Failures.reading(trash, e);
    }
  }

  private static void report(String name, Path file, Consumer<StoredBlob> action)
      throws IOException {
    if (NAME.matcher(name).matches()) {
      try {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
        action.accept(new StoredBlob(name, found.size(), found.lastModifiedTime().toInstant()));
      } catch (NoSuchFileException e) {
        log.debug("{} was removed by another process", file);
      }
    }
  }

  @Override
  public Optional<Content> content(String sha256) throws IOException {
    for (Path file : List.of(path(sha256), trash.resolve(sha256), path(sha256))) {
      try {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        return Optional.of(new Content(channel.size(), Channels.newInputStream(channel)));
      } catch (NoSuchFileException e) {
        log.trace("{} is not there", file);
      }
    }
    return Optional.empty();
  }

  /**
   * It is looked at again when it is out of its place: a writer either finds it gone and writes it,
   * or has made it young and gets it back.
   */
  @Override
  public boolean trash(String sha256, Instant limit) {
    Path file = path(sha256);
    Path trashed = trash.resolve(sha256);
    try {
      if (!isOlder(file, limit)) {
        return false;
      }
      Files.move(file, trashed, StandardCopyOption.ATOMIC_MOVE);
      if (!isOlder(trashed, limit)) {
        restore(sha256);
        return false;
      }
      Files.setLastModifiedTime(trashed, FileTime.from(Instant.now()));
      return true;
    } catch (NoSuchFileException e) {
      log.debug("{} was moved by another process", file);
      return false;
    } catch (IOException e) {
      throw new StoreException("cannot move " + file + " to the trash: " + e.getMessage(), e);
    }
  }

  private static boolean isOlder(Path file, Instant limit) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isBefore(limit);
  }

  @Override
  public boolean restore(String sha256) {
    if (!Files.exists(trash.resolve(sha256))) {
      return false;
    }
    try {
      Files.createDirectories(path(sha256).getParent());
      Files.move(trash.resolve(sha256), path(sha256), StandardCopyOption.ATOMIC_MOVE);
      log.info("Blob {} came back from the trash, since it is needed", sha256);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw new StoreException(
          "cannot move " + trash.resolve(sha256) + " back: " + e.getMessage(), e);
    }
  }

  @Override
  public void deleteTrashed(String sha256) {
    delete(trash.resolve(sha256));
  }

  static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
