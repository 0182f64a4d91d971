package dev.troupe.testkit;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Store;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Blobs in this process's memory. */
public final class MemoryStore implements Store {

  private final Map<BlobRef, byte[]> blobs = new ConcurrentHashMap<>();

  @Override
  public BlobRef put(ByteBuffer content) {
    byte[] bytes = bytes(content);
    BlobRef ref = new BlobRef(sha256(bytes), bytes.length);
    blobs.put(ref, bytes);
    return ref;
  }

  @Override
  public BlobRef put(Path file) {
    try {
      return put(ByteBuffer.wrap(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public BlobRef put(InputStream content) {
    try {
      return put(ByteBuffer.wrap(content.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public ByteBuffer get(BlobRef blob) {
    return ByteBuffer.wrap(content(blob)).asReadOnlyBuffer();
  }

  @Override
  public InputStream open(BlobRef blob) {
    return new ByteArrayInputStream(content(blob));
  }

  private byte[] content(BlobRef blob) {
    byte[] content = blobs.get(blob);
    if (content == null) {
      throw new IllegalArgumentException(blob + ": there is no such blob in this store");
    }
    return content;
  }

  @Override
  public boolean contains(BlobRef blob) {
    return blobs.containsKey(blob);
  }

  /** A copy of what is left in a buffer. */
  static byte[] bytes(ByteBuffer content) {
    byte[] bytes = new byte[content.remaining()];
    content.duplicate().get(bytes);
    return bytes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
