package dev.troupe.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/**
 * Finds what may be names of blobs in any bytes: runs of 64 lower-case hex digits. A {@link
 * dev.troupe.core.BlobRef} is written with its SHA-256 as text wherever it is kept (JSON, events of
 * the journal), so nothing that refers to a blob is missed, whatever its form; a hash of something
 * else names no blob, and does no harm.
 */
public final class BlobNames {

  private static final int LENGTH = 64;

  /** A longer run is no list of names but data in hex. */
  private static final int LONGEST_RUN = 2 * LENGTH;

  private BlobNames() {}

  /** Gives {@code found} each name in {@code bytes}. */
  public static void find(byte[] bytes, Consumer<String> found) {
    try {
      find(new ByteArrayInputStream(bytes), found);
    } catch (IOException e) {
      throw new UncheckedIOException("memory can always be read", e);
    }
  }

  /** Gives {@code found} each name in what remains of a stream, which is read to its end. */
  public static void find(InputStream in, Consumer<String> found) throws IOException {
    StringBuilder run = new StringBuilder(LONGEST_RUN + 1);
    byte[] block = new byte[1 << 16];
    for (int count = in.read(block); count >= 0; count = in.read(block)) {
      for (int i = 0; i < count; i++) {
        char c = (char) block[i];
        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')) {
          if (run.length() <= LONGEST_RUN) {
            run.append(c);
          }
        } else if (!run.isEmpty()) {
          report(run, found);
        }
      }
    }
    report(run, found);
  }

  /** Bytes beside a name may look like hex digits: every part of a run that is long enough. */
  private static void report(StringBuilder run, Consumer<String> found) {
    if (run.length() <= LONGEST_RUN) {
      for (int i = 0; i + LENGTH <= run.length(); i++) {
        found.accept(run.substring(i, i + LENGTH));
      }
    }
    run.setLength(0);
  }
}
