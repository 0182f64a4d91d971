package dev.troupe.store;

import dev.troupe.core.StoreException;
import dev.troupe.store.internal.DirectoryBlobStore;
import java.nio.file.Path;

/** Opens blob stores. */
public final class Stores {

  private Stores() {}

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
