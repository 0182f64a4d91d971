package dev.troupe.store.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import dev.troupe.store.BlobStore;
import dev.troupe.store.GcReport;
import dev.troupe.store.References;
import dev.troupe.store.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Supplier;
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

  private final BlobFiles files;
  private final Path temp;
  private final Path owner;
  private final Collector collector;

  private DirectoryBlobStore(Path directory) {
    files = new BlobFiles(directory.resolve("blobs"), directory.resolve("trash"));
    temp = directory.resolve("tmp");
    owner = directory.resolve("cluster-id");
    collector = new Collector(files);
  }

  /** See {@link dev.troupe.store.Stores#open}. */
  public static DirectoryBlobStore open(Path directory) {
    DirectoryBlobStore store = new DirectoryBlobStore(directory.toAbsolutePath().normalize());
    try {
      store.files.createDirectories();
      Files.createDirectories(store.temp);
      store.removeLeftovers();
    } catch (IOException e) {
      throw Failures.writing(directory, e, 0);
    }
    return store;
  }

  private void removeLeftovers() throws IOException {
    Instant limit = Instant.now().minus(LEFTOVER_AFTER);
    for (Path file : BlobFiles.list(temp)) {
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
      channel = files.open(blob.sha256());
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

  /** The file of a blob. */
  public FileChannel channel(BlobRef blob) {
    return openChecked(blob);
  }

  /** Every blob, in any order. */
  public void forEach(Consumer<StoredBlob> action) {
    files.forEach(action);
  }

  /** Makes a blob young, if it is there. */
  public void touch(BlobRef blob) {
    try {
      Files.setLastModifiedTime(path(blob), FileTime.from(Instant.now()));
    } catch (NoSuchFileException e) {
      log.debug("{} is gone", path(blob));
    } catch (IOException e) {
      throw Failures.writing(path(blob), e, 0);
    }
  }

  @Override
  public boolean contains(BlobRef blob) {
    try (FileChannel channel = files.open(blob.sha256())) {
      return channel.size() == blob.bytes();
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw Failures.reading(path(blob), e);
    }
  }

  @Override
  public boolean delete(BlobRef blob) {
    return files.delete(blob.sha256());
  }

  /** Of several that come at once, the first to link its file to the name wins. */
  @Override
  public String claim(String cluster) {
    try (TempFile file = new TempFile(temp)) {
      file.write(StandardCharsets.UTF_8.encode(cluster + "\n"));
      try {
        Files.createLink(owner, file.path());
      } catch (FileAlreadyExistsException e) {
        log.debug("{} is there", owner);
      }
      return Files.readString(owner).strip();
    } catch (IOException e) {
      throw Failures.writing(owner, e, cluster.length());
    }
  }

  @Override
  public GcReport collect(Supplier<References> references, Duration olderThan) {
    return collector.collect(references, olderThan);
  }

  private Path path(BlobRef blob) {
    return files.path(blob.sha256());
  }

  /** Holds nothing open. */
  @Override
  public void close() {}
}
