package dev.troupe.lm.internal.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * By what a file's content is known to the hub: SHA-256 for large files (those of Git LFS), Git's
 * blob id for the others: SHA-1 over {@code "blob " + length + '\0'} and the content.
 */
record FileHash(Kind kind, String hex) {

  /** How it is computed. */
  enum Kind {
    SHA_256("SHA-256", 64),
    GIT_BLOB("SHA-1", 40);

    private final String algorithm;
    private final int digits;

    Kind(String algorithm, int digits) {
      this.algorithm = algorithm;
      this.digits = digits;
    }
  }

  /** Of hexadecimal digits, whose number tells the kind; empty if they are no hash. */
  static Optional<FileHash> of(String hex) {
    for (Kind kind : Kind.values()) {
      if (hex.length() == kind.digits && hex.matches("[0-9a-fA-F]+")) {
        return Optional.of(new FileHash(kind, hex.toLowerCase(Locale.ROOT)));
      }
    }
    return Optional.empty();
  }

  /** Of an {@code ETag} header: quoted, weak if a proxy compressed the file. */
  static Optional<FileHash> ofEtag(String etag) {
    return of(etag.strip().replaceFirst("^W/", "").replace("\"", ""));
  }

  /** The same kind of hash of a file's content. */
  FileHash computeFrom(Path file) throws IOException {
    MessageDigest digest = digest();
    if (kind == Kind.GIT_BLOB) {
      digest.update(("blob " + Files.size(file) + '\0').getBytes(StandardCharsets.UTF_8));
    }
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(file)) {
      for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
        digest.update(buffer, 0, length);
      }
    }
    return new FileHash(kind, HexFormat.of().formatHex(digest.digest()));
  }

  private MessageDigest digest() {
    try {
      return MessageDigest.getInstance(kind.algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has both
    }
  }
}
