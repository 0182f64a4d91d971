package dev.troupe.store.internal;

import dev.troupe.core.BlobRef;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Gives out a blob's bytes, the last of them only if all were right. */
public final class VerifiedInputStream extends FilterInputStream {

  private final BlobRef blob;
  private final Object place;
  private final MessageDigest digest = Sha256.start();
  private long remaining;

  /**
   * @param place where they come from, for messages
   */
  public VerifiedInputStream(InputStream in, BlobRef blob, Object place) {
    super(in);
    this.blob = blob;
    this.place = place;
    this.remaining = blob.bytes();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (remaining == 0) {
      return -1;
    }
    int count = in.read(into, offset, (int) Math.min(length, remaining));
    if (count < 0) {
      throw new IOException(Failures.wrongLength(blob, place, blob.bytes() - remaining));
    }
    digest.update(into, offset, count);
    if (remaining == count) {
      String actual = Sha256.hex(digest);
      if (!actual.equals(blob.sha256())) {
        throw new IOException(Failures.wrongHash(blob, place, actual));
      }
    }
    remaining -= count;
    return count;
  }

  /** Reads what it skips: the check needs every byte. */
  @Override
  public long skip(long count) throws IOException {
    byte[] skipped = new byte[(int) Math.min(count > 0 ? count : 0, 1 << 16)];
    return skipped.length == 0 ? 0 : Math.max(0, read(skipped, 0, skipped.length));
  }

  @Override
  public int available() throws IOException {
    return (int) Math.min(in.available(), remaining);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
