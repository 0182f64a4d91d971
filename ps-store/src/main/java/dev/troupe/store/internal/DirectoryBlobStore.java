package dev.troupe.store.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import dev.troupe.store.BlobStore;
import dev.troupe.store.GcReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as files, {@code blobs/ab/cdef...} under their SHA-256. Writers need no lock: a blob is
 * hashed while it is written to {@code tmp/} and renamed to the place that its content names, so
 * two writers of one blob replace a file by an equal one. A file's time of modification says when
 * it was last put, which {@link #collect} goes by.
 */
public final class DirectoryBlobStore implements BlobStore {

  private static final Logger log = LoggerFactory.getLogger(DirectoryBlobStore.class);

  /** A writer touches its file with each chunk; one untouched for longer has no writer. */
  private static final Duration LEFTOVER_AFTER = Duration.ofHours(1);

  /**
   * Smaller blobs are read, larger ones mapped: a process may have only so many mappings (65,530 by
   * default), and they end no sooner than the garbage collector finds them.
   */
  private static final long MAPPED_FROM = 1 << 18;

  private final Path blobs;
  private final Path temp;

  private DirectoryBlobStore(Path directory) {
    blobs = directory.resolve("blobs");
    temp = directory.resolve("tmp");
  }

  /** See {@link dev.troupe.store.Stores#open}. */
  public static DirectoryBlobStore open(Path directory) {
    DirectoryBlobStore store = new DirectoryBlobStore(directory.toAbsolutePath().normalize());
    try {
      Files.createDirectories(store.blobs);
      Files.createDirectories(store.temp);
      store.removeLeftovers();
    } catch (IOException e) {
      throw Failures.writing(directory, e, 0);
    }
    return store;
  }

  private void removeLeftovers() throws IOException {
    Instant limit = Instant.now().minus(LEFTOVER_AFTER);
    for (Path file : list(temp)) {
      try {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
          Files.deleteIfExists(file);
          log.info("Removed {}, left behind by a writer that died", file);
        }
      } catch (NoSuchFileException e) {
        log.debug("{} was removed by another process", file);
      } catch (FileSystemException e) {
        log.warn("Cannot remove {}, left behind by a writer that died", file, e);
      }
    }
  }

  @Override
  public BlobRef put(ByteBuffer content) {
    BlobRef blob = new BlobRef(Sha256.of(content), content.remaining());
    if (holds(blob, file -> hasContent(file, content))) {
      return blob;
    }
    checkSpace(blob.bytes());
    try (TempFile file = new TempFile(temp)) {
      file.write(content);
      file.publish(path(blob));
      return blob;
    } catch (IOException e) {
      throw Failures.writing(temp, e, blob.bytes());
    }
  }

  private static boolean hasContent(Path file, ByteBuffer content) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.size() == content.remaining()
          && content(channel, content.remaining()).equals(content);
    }
  }

  @Override
  public BlobRef put(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return put(Chunks.of(channel), channel.size());
    } catch (IOException e) {
      throw Failures.reading(file, e);
    }
  }

  @Override
  public BlobRef put(InputStream content) {
    return put(Chunks.of(content), 0);
  }

  /**
   * @param expected the content's length, 0 if it is not known
   */
  private BlobRef put(Chunks chunks, long expected) {
    ByteBuffer chunk = next(chunks);
    if (chunk.remaining() < Chunks.SIZE) {
      return put(chunk);
    }
    checkSpace(expected);
    MessageDigest digest = Sha256.start();
    long written = 0;
    try (TempFile file = new TempFile(temp)) {
      while (chunk.hasRemaining()) {
        digest.update(chunk.duplicate());
        file.write(chunk);
        written += chunk.remaining();
        chunk = next(chunks);
      }
      BlobRef blob = new BlobRef(Sha256.hex(digest), written);
      if (!holds(blob, existing -> Files.mismatch(existing, file.path()) < 0)) {
        file.publish(path(blob));
      }
      return blob;
    } catch (IOException e) {
      throw Failures.writing(temp, e, Math.max(expected, written));
    }
  }

  private static ByteBuffer next(Chunks chunks) {
    try {
      return chunks.next();
    } catch (IOException e) {
      throw new StoreException("cannot read the content to be stored: " + e.getMessage(), e);
    }
  }

  /** A disk that is sure to be too small is not filled up first: others live on it too. */
  private void checkSpace(long needed) {
    long free = Failures.free(temp);
    if (free >= 0 && free < needed) {
      throw Failures.full(temp, needed, free, null);
    }
  }

  /** Tells whether a file has the content that its name promises. */
  private interface Comparison {
    boolean isSame(Path file) throws IOException;
  }

  /** Whether the blob is there, whole, durable and, from now on, young; a damaged one is not. */
  private boolean holds(BlobRef blob, Comparison comparison) {
    Path path = path(blob);
    try {
      // First of all: a collect that runs meanwhile sees a young blob.
      Files.setLastModifiedTime(path, FileTime.from(Instant.now()));
      if (!comparison.isSame(path)) {
        log.warn("Replacing {}: it is damaged", path);
        return false;
      }
      TempFile.sync(path.getParent());
      return Files.exists(path);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      log.warn("Replacing {}: it cannot be read or touched", path, e);
      return false;
    }
  }

  @Override
  public ByteBuffer get(BlobRef blob) {
    Path path = path(blob);
    if (blob.bytes() > Integer.MAX_VALUE) {
      throw new StoreException(
          "blob "
              + blob.sha256()
              + ": "
              + blob.bytes()
              + " bytes (expected: < 2 GiB, as one buffer); stream it with open()");
    }
    try (FileChannel channel = openChecked(blob)) {
      ByteBuffer content = content(channel, blob.bytes());
      String actual = Sha256.of(content);
      if (!actual.equals(blob.sha256())) {
        throw new StoreException(Failures.wrongHash(blob, path, actual));
      }
      return content.asReadOnlyBuffer();
    } catch (IOException e) {
      throw Failures.reading(path, e);
    }
  }

  private static ByteBuffer content(FileChannel channel, long bytes) throws IOException {
    if (bytes >= MAPPED_FROM) {
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes);
    }
    ByteBuffer content = ByteBuffer.allocate((int) bytes);
    while (content.hasRemaining() && channel.read(content) >= 0) {}
    return content.flip();
  }

  @Override
  public InputStream open(BlobRef blob) {
    return new VerifiedInputStream(Channels.newInputStream(openChecked(blob)), blob, path(blob));
  }

  /** The file, if it has the right length. */
  private FileChannel openChecked(BlobRef blob) {
    Path path = path(blob);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      long actual = channel.size();
      if (actual == blob.bytes()) {
        return channel;
      }
      channel.close();
      throw new StoreException(Failures.wrongLength(blob, path, actual));
    } catch (NoSuchFileException e) {
      throw Failures.missing(blob, path);
    } catch (IOException e) {
      throw Failures.reading(path, e);
    }
  }

  @Override
  public boolean contains(BlobRef blob) {
    try {
      return Files.size(path(blob)) == blob.bytes();
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw Failures.reading(path(blob), e);
    }
  }

  @Override
  public boolean delete(BlobRef blob) {
    try {
      return Files.deleteIfExists(path(blob));
    } catch (IOException e) {
      throw new StoreException("cannot delete " + path(blob) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public GcReport collect(Set<BlobRef> referenced, Duration olderThan) {
    Set<String> names = referenced.stream().map(BlobRef::sha256).collect(Collectors.toSet());
    Instant limit = Instant.now().minus(olderThan);
    long kept = 0;
    long removed = 0;
    long bytesFreed = 0;
    try {
      for (Path shard : list(blobs)) {
        for (Path file : list(shard)) {
          String name = shard.getFileName().toString() + file.getFileName();
          long freed = names.contains(name) ? -1 : removeIfOlder(file, limit);
          kept += freed < 0 ? 1 : 0;
          removed += freed < 0 ? 0 : 1;
          bytesFreed += Math.max(0, freed);
        }
      }
    } catch (IOException e) {
      throw new StoreException("cannot collect " + blobs + ": " + e.getMessage(), e);
    }
    return new GcReport(kept, removed, bytesFreed);
  }

  /**
   * Removes a file last put before {@code limit}. It is taken out of its place before it is looked
   * at again, so that a writer either finds it gone and writes it, or made it young and gets it
   * back.
   *
   * @return its length, or -1 if it was kept
   */
  private long removeIfOlder(Path file, Instant limit) throws IOException {
    try {
      if (!isOlder(file, limit)) {
        return -1;
      }
      Path aside = temp.resolve(UUID.randomUUID() + ".collect");
      Files.move(file, aside);
      if (!isOlder(aside, limit)) {
        Files.move(aside, file);
        return -1;
      }
      long bytes = Files.size(aside);
      Files.delete(aside);
      return bytes;
    } catch (NoSuchFileException e) {
      log.debug("{} was removed by another process", file);
      return -1;
    }
  }

  private static boolean isOlder(Path file, Instant limit) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isBefore(limit);
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }

  private Path path(BlobRef blob) {
    return blobs.resolve(blob.sha256().substring(0, 2)).resolve(blob.sha256().substring(2));
  }

  /** Holds nothing open. */
  @Override
  public void close() {}
}
