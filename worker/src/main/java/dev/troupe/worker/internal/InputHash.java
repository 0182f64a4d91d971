package dev.troupe.worker.internal;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of a submission's class and input: equal keys must mean equal work. */
final class InputHash {

  private InputHash() {}

  static String of(String className, String json) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update(className.getBytes(StandardCharsets.UTF_8));
      sha.update((byte) 0);
      sha.update(json.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
