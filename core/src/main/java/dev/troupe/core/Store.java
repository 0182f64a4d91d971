package dev.troupe.core;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Content-addressed storage that all nodes of the cluster share. A blob is durable before its
 * {@link BlobRef} is returned and never changes. Every read is checked against the blob's SHA-256.
 *
 * <p>All methods throw {@link StoreException} when the storage fails, is full, or holds other bytes
 * than the name says.
 */
public interface Store {

  BlobRef put(ByteBuffer content);

  BlobRef put(Path file);

  BlobRef put(InputStream content);

  /** The whole content, checked; a mapped file where the storage is one. */
  ByteBuffer get(BlobRef blob);

  /**
   * Streams the content; the check comes at its end, as an {@link java.io.IOException} in place of
   * the last byte.
   */
  InputStream open(BlobRef blob);

  boolean contains(BlobRef blob);
}
