package dev.troupe.store.internal.s3;

import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import dev.troupe.store.StoredBlob;
import dev.troupe.store.internal.DirectoryBlobStore;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Copies of blobs on this machine's disk, the least recently used of which go when there are more
 * than a limit's bytes. A file that goes while it is read or mapped stays readable, as files do.
 */
final class BlobCache {

  private static final int LOOKS_PER_LIMIT = 16;

  private final DirectoryBlobStore files;
  private final long limit;
  private long addedSinceLook;

  /**
   * @param limit bytes
   */
  BlobCache(Path directory, long limit) {
    this.files = DirectoryBlobStore.open(directory);
    this.limit = limit;
    trim();
  }

  /** A copy, checked; empty if there is none that is whole. */
  Optional<ByteBuffer> get(BlobRef blob) {
    if (!files.contains(blob)) {
      return Optional.empty();
    }
    try {
      ByteBuffer content = files.get(blob);
      files.touch(blob);
      return Optional.of(content);
    } catch (StoreException e) {
      files.delete(blob); // damaged, or just gone
      return Optional.empty();
    }
  }

  /** Copies content here. */
  BlobRef put(InputStream content) {
    BlobRef blob = files.put(content);
    added(blob.bytes());
    return blob;
  }

  /** A copy's file. */
  FileChannel open(BlobRef blob) {
    return files.channel(blob);
  }

  private synchronized void added(long bytes) {
    addedSinceLook += bytes;
    if (addedSinceLook > limit / LOOKS_PER_LIMIT) {
      trim();
    }
  }

  private synchronized void trim() {
    addedSinceLook = 0;
    List<StoredBlob> all = new ArrayList<>();
    files.forEach(all::add);
    long total = all.stream().mapToLong(StoredBlob::bytes).sum();
    all.sort(Comparator.comparing(StoredBlob::since));
    // The newest stays in any case: it is about to be read.
    for (StoredBlob blob : all.subList(0, Math.max(0, all.size() - 1))) {
      if (total <= limit) {
        return;
      }
      files.delete(new BlobRef(blob.sha256(), blob.bytes()));
      total -= blob.bytes();
    }
  }
}
