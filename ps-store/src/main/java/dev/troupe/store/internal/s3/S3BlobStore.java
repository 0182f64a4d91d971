package dev.troupe.store.internal.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.troupe.cluster.S3Config;
import dev.troupe.cluster.StoreConfig;
import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import dev.troupe.store.BlobStore;
import dev.troupe.store.GcReport;
import dev.troupe.store.References;
import dev.troupe.store.internal.Collector;
import dev.troupe.store.internal.Sha256;
import dev.troupe.store.internal.VerifiedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Blobs as objects of a bucket, under their SHA-256. What is sent is signed by its hash, so the
 * server refuses what was damaged on the way; what is read is checked here. Large blobs are read by
 * way of a cache on this machine's disk.
 */
public final class S3BlobStore implements BlobStore {

  private static final Logger log = LoggerFactory.getLogger(S3BlobStore.class);

  /** Smaller blobs are not worth a file. */
  private static final int CACHED_FROM = 1 << 18;

  /**
   * A blob that was put later is not made young once more; {@link Collector} allows for it. Younger
   * ones would cost a request each time.
   */
  private static final Duration YOUNG = Duration.ofMinutes(30);

  private static final String OWNER = "cluster-id";

  private final Bucket bucket;
  private final S3Blobs blobs;
  private final BlobCache cache;
  private final Collector collector;

  private S3BlobStore(Bucket bucket, BlobCache cache) {
    this.bucket = bucket;
    this.blobs = new S3Blobs(bucket);
    this.cache = cache;
    this.collector = new Collector(blobs);
  }

  /**
   * See {@link dev.troupe.store.Stores#open}.
   *
   * @throws StoreException if the bucket cannot be used; the message says why and what to do
   */
  public static S3BlobStore open(StoreConfig config) {
    S3Config s3 = config.s3().orElseThrow();
    Bucket bucket = bucket(s3);
    bucket.check();
    log.info("Blobs are in {} ({})", s3.show(""), s3.endpoint());
    return new S3BlobStore(bucket, new BlobCache(config.directory(), config.cacheBytes()));
  }

  static Bucket bucket(S3Config s3) {
    return new Bucket(new S3Client(s3, Credentials.find(s3.credentialsFile(), System.getenv())));
  }

  @Override
  public BlobRef put(ByteBuffer content) {
    BlobRef blob = new BlobRef(Sha256.of(content), content.remaining());
    ByteBuffer stays = content.duplicate();
    return put(
        blob,
        new Bucket.Source() {
          @Override
          public long bytes() {
            return blob.bytes();
          }

          @Override
          public ByteBuffer read(long offset, int length) {
            return stays.slice(stays.position() + (int) offset, length);
          }
        });
  }

  private BlobRef put(BlobRef blob, Bucket.Source source) {
    if (!holds(blob)) {
      try {
        bucket.put(S3Blobs.key(blob.sha256()), source);
      } catch (IOException e) {
        throw new StoreException("cannot read the content to be stored: " + e.getMessage(), e);
      }
    }
    return blob;
  }

  /** Whether the blob is there and, from now on, young. */
  private boolean holds(BlobRef blob) {
    Optional<Bucket.Entry> found = bucket.head(S3Blobs.key(blob.sha256()));
    if (found.isEmpty() || found.get().bytes() != blob.bytes()) {
      return false;
    }
    if (found.get().modified().isBefore(Instant.now().minus(YOUNG))) {
      try {
        blobs.touch(blob.sha256(), blob.bytes());
      } catch (S3Exception e) {
        if (e.isMissing()) {
          return false; // collected just now
        }
        throw e;
      }
    }
    return true;
  }

  @Override
  public BlobRef put(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      MessageDigest digest = Sha256.start();
      ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
      long bytes = 0;
      while (channel.read(chunk) >= 0) {
        bytes += chunk.flip().remaining();
        digest.update(chunk);
        chunk.clear();
      }
      return put(new BlobRef(Sha256.hex(digest), bytes), source(channel, bytes));
    } catch (IOException e) {
      throw new StoreException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static Bucket.Source source(FileChannel channel, long bytes) {
    return new Bucket.Source() {
      @Override
      public long bytes() {
        return bytes;
      }

      @Override
      public ByteBuffer read(long offset, int length) throws IOException {
        ByteBuffer part = ByteBuffer.allocate(length);
        while (part.hasRemaining()) {
          if (channel.read(part, offset + part.position()) < 0) {
            throw new IOException("it ends at byte " + (offset + part.position()));
          }
        }
        return part.flip();
      }
    };
  }

  /** By way of the disk if it is large, for its name is known at its end only. */
  @Override
  public BlobRef put(InputStream content) {
    try {
      byte[] start = content.readNBytes(CACHED_FROM);
      if (start.length < CACHED_FROM) {
        return put(ByteBuffer.wrap(start));
      }
      BlobRef blob = cache.put(new SequenceInputStream(new ByteArrayInputStream(start), content));
      try (FileChannel channel = cache.open(blob)) {
        return put(blob, source(channel, blob.bytes()));
      }
    } catch (IOException e) {
      throw new StoreException("cannot read the content to be stored: " + e.getMessage(), e);
    }
  }

  @Override
  public ByteBuffer get(BlobRef blob) {
    if (blob.bytes() > Integer.MAX_VALUE) {
      throw new StoreException(
          "blob %s: %d bytes (expected: < 2 GiB, as one buffer); stream it with open()"
              .formatted(blob.sha256(), blob.bytes()));
    }
    if (blob.bytes() < CACHED_FROM) {
      return read(blob);
    }
    return cache.get(blob).orElseGet(() -> fetch(blob));
  }

  private ByteBuffer read(BlobRef blob) {
    try (InputStream in = download(blob)) {
      byte[] content = in.readNBytes((int) blob.bytes());
      if (in.read() < 0 && content.length == blob.bytes()) {
        return ByteBuffer.wrap(content).asReadOnlyBuffer();
      }
      throw new IOException("it ends at byte " + content.length);
    } catch (IOException e) {
      throw new StoreException(e.getMessage(), e);
    }
  }

  private ByteBuffer fetch(BlobRef blob) {
    try (InputStream in = download(blob)) {
      BlobRef copy = cache.put(in);
      return cache
          .get(copy)
          .orElseThrow(
              () ->
                  new StoreException(
                      "blob "
                          + blob.sha256()
                          + ": its copy on this machine is gone again; set a larger"
                          + " troupe.store.cache-bytes"));
    } catch (IOException e) {
      throw new StoreException(e.getMessage(), e);
    }
  }

  @Override
  public InputStream open(BlobRef blob) {
    return download(blob);
  }

  /** The content, checked at its end; it comes back from the trash if it is there. */
  private InputStream download(BlobRef blob) {
    String key = S3Blobs.key(blob.sha256());
    Optional<Bucket.Entry> found = find(blob);
    if (found.isEmpty()) {
      throw new StoreException(
          "blob %s: no object %s (expected: %d bytes); check that all nodes have the same troupe.store.url; if they do, the blob was deleted: run again what wrote it"
              .formatted(blob.sha256(), bucket.config().show(key), blob.bytes()));
    }
    if (found.get().bytes() != blob.bytes()) {
      throw new StoreException(
          "blob %s: %s holds %d bytes (expected: %d); delete it and run again what wrote it"
              .formatted(
                  blob.sha256(), bucket.config().show(key), found.get().bytes(), blob.bytes()));
    }
    return new VerifiedInputStream(
        new ResumedInputStream(bucket, key, blob.bytes()), blob, bucket.config().show(key));
  }

  private Optional<Bucket.Entry> find(BlobRef blob) {
    Optional<Bucket.Entry> found = bucket.head(S3Blobs.key(blob.sha256()));
    if (found.isEmpty() && blobs.restore(blob.sha256())) {
      return bucket.head(S3Blobs.key(blob.sha256()));
    }
    return found;
  }

  @Override
  public boolean contains(BlobRef blob) {
    return find(blob).filter(found -> found.bytes() == blob.bytes()).isPresent();
  }

  @Override
  public boolean delete(BlobRef blob) {
    boolean was = contains(blob);
    bucket.delete(S3Blobs.key(blob.sha256()));
    return was;
  }

  @Override
  public String claim(String cluster) {
    bucket.putIfAbsent(OWNER, Body.of(cluster.getBytes(UTF_8)));
    return new String(bucket.get(OWNER).orElseThrow(), UTF_8).strip();
  }

  @Override
  public GcReport collect(Supplier<References> references, Duration olderThan) {
    return collector.collect(references, olderThan);
  }

  /** Holds nothing open but connections, which end by themselves. */
  @Override
  public void close() {}
}
