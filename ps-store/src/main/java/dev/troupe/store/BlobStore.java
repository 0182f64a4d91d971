package dev.troupe.store;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Store;
import dev.troupe.core.StoreException;
import java.time.Duration;
import java.util.function.Supplier;

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
   * Makes this the store of one cluster, which alone knows what in it is needed.
   *
   * @param cluster the cluster's id
   * @return the id that the store has: {@code cluster}, or that of the one that came first
   * @throws StoreException if the storage fails
   */
  String claim(String cluster);

  /**
   * One round of collecting what nobody needs; see {@link dev.troupe.store.internal.Collector} for
   * the rules. It may run beside puts, reads and other rounds. Putting a blob again makes it young.
   *
   * @param references asked once or twice, when the storage has been looked through
   * @param olderThan blobs put later stay
   * @throws StoreException if the storage fails; whatever was done until then was right
   */
  GcReport collect(Supplier<References> references, Duration olderThan);

  @Override
  void close();
}
