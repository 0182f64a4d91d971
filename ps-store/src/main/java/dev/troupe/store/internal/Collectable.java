package dev.troupe.store.internal;

import dev.troupe.store.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A storage as the {@link Collector} sees it: blobs, and a trash. Whoever looks for a blob that is
 * in the trash gets it back. All methods but {@link #content} throw {@link
 * dev.troupe.core.StoreException}.
 */
public interface Collectable {

  /** Bytes and their number. */
  record Content(long bytes, InputStream in) {}

  /** Every blob, in any order. */
  void forEach(Consumer<StoredBlob> action);

  /** Every blob in the trash. */
  void forEachTrashed(Consumer<StoredBlob> action);

  /** A blob's bytes as they are, from wherever it is, the trash included; empty if nowhere. */
  Optional<Content> content(String sha256) throws IOException;

  /**
   * Moves a blob to the trash, unless it is gone or was put after {@code limit}. If this process
   * dies in the middle, the blob is in one of the two places.
   *
   * @return whether it was moved
   */
  boolean trash(String sha256, Instant limit);

  /** Moves a blob back from the trash, if it is there. */
  boolean restore(String sha256);

  /** Deletes a blob in the trash for good. */
  void deleteTrashed(String sha256);
}
