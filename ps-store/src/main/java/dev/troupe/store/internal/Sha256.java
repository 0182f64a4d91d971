package dev.troupe.store.internal;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256, by the JDK's implementation (which uses the processor's SHA instructions). */
public final class Sha256 {

  private Sha256() {}

  public static MessageDigest start() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Of all that remains; the buffer's position stays. */
  public static String of(ByteBuffer content) {
    MessageDigest digest = start();
    digest.update(content.duplicate());
    return hex(digest);
  }
}
