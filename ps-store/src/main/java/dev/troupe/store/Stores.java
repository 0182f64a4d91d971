package dev.troupe.store;

import dev.troupe.cluster.StoreConfig;
import dev.troupe.core.StoreException;
import dev.troupe.store.internal.DirectoryBlobStore;
import dev.troupe.store.internal.s3.S3BlobStore;
import java.nio.file.Path;

/** Opens blob stores. */
public final class Stores {

  private Stores() {}

  /**
   * The store that the configuration names: a bucket, or a directory.
   *
   * @throws StoreException if it cannot be used; the message says why and what to do
   */
  public static BlobStore open(StoreConfig config) {
    return config.s3().isPresent() ? S3BlobStore.open(config) : open(config.directory());
  }

  /**
   * A store on a directory that all nodes share: one machine's disk, or a network file system with
   * atomic renames. The directory is made if it is missing. What writers that died left behind is
   * removed.
   *
   * @throws StoreException if the directory cannot be made or read
   */
  public static BlobStore open(Path directory) {
    return DirectoryBlobStore.open(directory);
  }
}
