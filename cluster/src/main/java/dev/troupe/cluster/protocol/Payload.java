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

  /** About how many bytes this adds to a message. */
  @JsonIgnore
  public int inlineBytes() {
    return json == null ? 80 : json.length();
  }
}
