package dev.troupe.core;

/**
 * Names a blob by its content.
 *
 * @param sha256 of the content, 64 lower-case hex digits
 * @param bytes its length
 */
public record BlobRef(String sha256, long bytes) {

  public BlobRef {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "sha256: '" + sha256 + "' (expected: 64 lower-case hex digits)");
    }
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
    }
  }
}
