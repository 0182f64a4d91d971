package dev.troupe.store.internal.s3;

import dev.troupe.core.StoreException;
import dev.troupe.store.StoredBlob;
import dev.troupe.store.internal.Collectable;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The objects of blobs: {@code blobs/abcdef...}, and in the trash {@code trash/abcdef...}. An
 * object's time of modification says since when it is as it is.
 */
final class S3Blobs implements Collectable {

  private static final Logger log = LoggerFactory.getLogger(S3Blobs.class);

  private static final String BLOBS = "blobs/";
  private static final String TRASH = "trash/";
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{64}");

  private final Bucket bucket;

  S3Blobs(Bucket bucket) {
    this.bucket = bucket;
  }

  static String key(String sha256) {
    return BLOBS + sha256;
  }

  @Override
  public void forEach(Consumer<StoredBlob> action) {
    list(BLOBS, action);
  }

  @Override
  public void forEachTrashed(Consumer<StoredBlob> action) {
    list(TRASH, action);
  }

  private void list(String place, Consumer<StoredBlob> action) {
    bucket.list(
        place,
        entry -> {
          String name = entry.key().substring(place.length());
          if (NAME.matcher(name).matches()) {
            action.accept(new StoredBlob(name, entry.bytes(), entry.modified()));
          }
        });
  }

  @Override
  public Optional<Content> content(String sha256) {
    for (String key : new String[] {key(sha256), TRASH + sha256, key(sha256)}) {
      Optional<Bucket.Entry> found = bucket.head(key);
      if (found.isPresent()) {
        InputStream in = new ResumedInputStream(bucket, key, found.get().bytes());
        return Optional.of(new Content(found.get().bytes(), in));
      }
    }
    return Optional.empty();
  }

  /** Copied first and deleted then: at every moment it is in one place at the least. */
  @Override
  public boolean trash(String sha256, Instant limit) {
    Optional<Bucket.Entry> found = bucket.head(key(sha256));
    if (found.isEmpty() || !found.get().modified().isBefore(limit)) {
      return false;
    }
    copy(key(sha256), TRASH + sha256, found.get().bytes());
    bucket.delete(key(sha256));
    return true;
  }

  @Override
  public boolean restore(String sha256) {
    Optional<Bucket.Entry> found = bucket.head(TRASH + sha256);
    if (found.isEmpty()) {
      return false;
    }
    if (bucket.head(key(sha256)).isEmpty()) {
      copy(TRASH + sha256, key(sha256), found.get().bytes());
      log.info("Blob {} came back from the trash, since it is needed", sha256);
    }
    bucket.delete(TRASH + sha256);
    return true;
  }

  /** Makes a blob young. */
  void touch(String sha256, long bytes) {
    copy(key(sha256), key(sha256), bytes);
  }

  private void copy(String from, String to, long bytes) {
    try {
      bucket.copy(from, to, bytes);
    } catch (IOException e) {
      throw new StoreException(
          "cannot copy " + bucket.config().show(from) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void deleteTrashed(String sha256) {
    bucket.delete(TRASH + sha256);
  }
}
