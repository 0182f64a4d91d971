package dev.troupe.store.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The store's messages: each names the blob, the place, what was found and what to do. */
public final class Failures {

  private static final String RESTORE =
      "; restore the file from a copy, or delete it and run again what wrote it";

  private Failures() {}

  static StoreException missing(BlobRef blob, Path path) {
    return new StoreException(
        "blob "
            + blob.sha256()
            + ": no file "
            + path
            + " (expected: "
            + blob.bytes()
            + " bytes); check that all nodes share one troupe.store.directory; if they do, the blob was"
            + " deleted: run again what wrote it");
  }

  static String wrongLength(BlobRef blob, Object path, long actual) {
    return "blob "
        + blob.sha256()
        + ": "
        + path
        + " holds "
        + actual
        + " bytes (expected: "
        + blob.bytes()
        + ")"
        + RESTORE;
  }

  static String wrongHash(BlobRef blob, Object path, String actual) {
    return "blob "
        + blob.sha256()
        + ": "
        + path
        + " is corrupt: its content has the SHA-256 "
        + actual
        + " (expected: "
        + blob.sha256()
        + ")"
        + RESTORE;
  }

  static StoreException reading(Path path, IOException cause) {
    return new StoreException("cannot read " + path + why(cause), cause);
  }

  /**
   * A failed write; a full disk is told apart by its error and by the space that is left.
   *
   * @param needed bytes that the file would have had, or has so far if that is not known
   */
  public static StoreException writing(Path path, IOException cause, long needed) {
    if (isFull(cause)) {
      return full(path, needed, free(path), cause);
    }
    return new StoreException("cannot write " + path + why(cause), cause);
  }

  static StoreException full(Path path, long needed, long free, IOException cause) {
    return new StoreException(
        "disk full: "
            + path
            + " needs "
            + needed
            + " bytes, "
            + free
            + " are free; free some space or set troupe.store.directory to a larger disk",
        cause);
  }

  /** Bytes that may still be written where {@code path} is or would be; -1 if unknown. */
  static long free(Path path) {
    try {
      Path existing = path.toAbsolutePath();
      while (!Files.exists(existing) && existing.getParent() != null) {
        existing = existing.getParent();
      }
      return Files.getFileStore(existing).getUsableSpace();
    } catch (IOException e) {
      return -1;
    }
  }

  private static boolean isFull(IOException cause) {
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded");
  }

  private static String why(IOException cause) {
    if (cause instanceof ClosedByInterruptException) {
      return ": the thread was interrupted";
    }
    if (cause instanceof AccessDeniedException) {
      return ": permission denied; give the user that runs this node the right to it";
    }
    return ": " + (cause.getMessage() == null ? cause : cause.getMessage());
  }
}
