package dev.troupe.store;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Store;
import dev.troupe.core.StoreException;
import java.time.Duration;
import java.util.Set;

/**
 * The store as a node sees it: what a workload may do, and the removal of what nobody needs. Safe
 * for use by many threads, and by many processes on the same storage.
 */
public interface BlobStore extends Store, AutoCloseable {

  /**
   * Removes a blob.
   *
   * @return whether there was one
   * @throws StoreException if the storage fails
   */
  boolean delete(BlobRef blob);

  /**
   * Removes the blobs that are not referenced and were last put longer ago than {@code olderThan}.
   * That age is what protects a blob whose reference is not yet written: it must be longer than the
   * time between a put and the moment at which its reference is counted. Putting a blob again makes
   * it young.
   *
   * @throws StoreException if the storage fails
   */
  GcReport collect(Set<BlobRef> referenced, Duration olderThan);

  @Override
  void close();
}
