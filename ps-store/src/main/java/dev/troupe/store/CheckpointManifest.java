package dev.troupe.store;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import java.io.IOException;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a checkpoint consists of. It is itself kept as a blob, written after all that it names: a
 * checkpoint exists once its manifest does.
 *
 * @param step the number of steps done
 * @param generation of the gang that wrote it
 * @param files each file's name and content
 */
public record CheckpointManifest(long step, long generation, SortedMap<String, BlobRef> files) {

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(
              DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  public CheckpointManifest {
    if (step < 0) {
      throw new IllegalArgumentException("step: " + step + " (expected: >= 0)");
    }
    if (generation < 0) {
      throw new IllegalArgumentException("generation: " + generation + " (expected: >= 0)");
    }
    files.forEach(
        (name, blob) -> {
          if (name.isBlank() || blob == null) {
            throw new IllegalArgumentException(
                "files: '" + name + "': " + blob + " (expected: a name and a blob)");
          }
        });
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /** As JSON; equal manifests give equal bytes. */
  public byte[] toBytes() {
    try {
      return MAPPER.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and names can always be written", e);
    }
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws StoreException if it is not that: the message says where and why
   */
  public static CheckpointManifest fromBytes(byte[] json) {
    try {
      return MAPPER.readValue(json, CheckpointManifest.class);
    } catch (JsonProcessingException e) {
      String place = e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
      throw new StoreException(
          "not a checkpoint's manifest" + place + ": " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new StoreException("cannot read a checkpoint's manifest", e);
    }
  }
}
