package dev.troupe.cluster.protocol;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.troupe.core.BlobRef;

/**
 * A value on its way: inline JSON if small, else a blob.
 *
 * @param json the value, null if it is in {@code blob}
 * @param blob the value, null if it is in {@code json}
 */
public record Payload(String json, BlobRef blob) {

  public static Payload inline(String json) {
    return new Payload(json, null);
  }

  public static Payload in(BlobRef blob) {
    return new Payload(null, blob);
  }

  /** About how many bytes this adds to a message; text counts as UTF-8, which it travels as. */
  @JsonIgnore
  public int inlineBytes() {
    return json == null ? 80 : utf8Bytes(json);
  }

  private static int utf8Bytes(String text) {
    int bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // A surrogate is half of a pair of 4 bytes.
      bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return bytes;
  }
}
