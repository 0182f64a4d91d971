package dev.troupe.tensor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.tensor.internal.FloatCodec;
import dev.troupe.tensor.internal.SafetensorsHeader;
import dev.troupe.tensor.internal.SafetensorsHeader.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tensors of a safetensors file, or of a model that is split over several. The header is
 * checked as a whole when it is opened (format: 8 bytes header length, little endian; JSON; the
 * tensors' bytes without gaps or overlaps); contents are mapped when they are read.
 */
public final class Safetensors {

  /** A range of the bytes from which a tensor is read. */
  @FunctionalInterface
  private interface Source {
    ByteBuffer bytes(long begin, long end);
  }

  private record Place(Object file, Source source, long dataStart, Tensor tensor) {
    ByteBuffer bytes() {
      return source
          .bytes(dataStart + tensor.begin(), dataStart + tensor.end())
          .order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private final Object origin;
  private final Map<String, Place> places;

  private Safetensors(Object origin, Map<String, Place> places) {
    this.origin = origin;
    this.places = places;
  }

  /**
   * Opens one file.
   *
   * @throws IllegalArgumentException if it is missing, cut short or malformed; the message names
   *     file, tensor and numbers
   */
  public static Safetensors open(Path file) {
    return of(file, SafetensorsHeader.read(file), (begin, end) -> map(file, begin, end));
  }

  /**
   * The tensors of a file's content.
   *
   * @throws IllegalArgumentException if it is cut short or malformed
   */
  public static Safetensors of(byte[] content) {
    String origin = "safetensors of " + content.length + " bytes";
    return of(
        origin,
        SafetensorsHeader.read(origin, content),
        (begin, end) -> ByteBuffer.wrap(content).slice((int) begin, (int) (end - begin)));
  }

  private static Safetensors of(Object origin, SafetensorsHeader header, Source source) {
    Map<String, Place> places = new LinkedHashMap<>();
    for (Tensor tensor : header.tensors()) {
      places.put(tensor.name(), new Place(origin, source, header.dataStart(), tensor));
    }
    return new Safetensors(origin, places);
  }

  /**
   * Opens {@code model.safetensors} of a folder, or the shards that its {@code
   * model.safetensors.index.json} names.
   *
   * @throws IllegalArgumentException as {@link #open}, and if a shard lacks a tensor of the index
   */
  public static Safetensors openModel(Path folder) {
    Path single = folder.resolve("model.safetensors");
    Path index = folder.resolve("model.safetensors.index.json");
    if (Files.exists(single) || !Files.exists(index)) {
      return open(single);
    }
    Map<String, Place> places = new LinkedHashMap<>();
    Map<String, String> weightMap = weightMap(index);
    for (String shard : new TreeSet<>(weightMap.values())) {
      places.putAll(open(folder.resolve(shard)).places);
    }
    weightMap.forEach(
        (tensor, shard) -> {
          Place place = places.get(tensor);
          if (place == null || !place.file.equals(folder.resolve(shard))) {
            throw new IllegalArgumentException(
                "%s: tensor %s is not in %s, where the index puts it"
                    .formatted(index, tensor, shard));
          }
        });
    return new Safetensors(folder, places);
  }

  private static Map<String, String> weightMap(Path index) {
    try {
      JsonNode map = new ObjectMapper().readTree(index.toFile()).path("weight_map");
      if (!map.isObject() || map.isEmpty()) {
        throw new IllegalArgumentException(index + ": no weight_map (expected: tensor to file)");
      }
      Map<String, String> result = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> entry : map.properties()) {
        String shard = entry.getValue().asText();
        if (!shard.matches("[A-Za-z0-9._-]+")) {
          throw new IllegalArgumentException(
              "%s: shard %s (expected: a file name in the same folder)".formatted(index, shard));
        }
        result.put(entry.getKey(), shard);
      }
      return result;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(index + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names in file order. */
  public Set<String> names() {
    return places.keySet();
  }

  /**
   * A tensor's shape.
   *
   * @throws IllegalArgumentException if there is no such tensor
   */
  public List<Long> shape(String name) {
    return place(name).tensor.shape();
  }

  /**
   * Reads a tensor into {@code target} from its position to its limit, as fp32.
   *
   * @throws IllegalArgumentException if there is no such tensor, its type is not F32, F16 or BF16,
   *     or its number of elements is not {@code target.remaining()}
   */
  public void read(String name, FloatBuffer target) {
    Place place = place(name);
    Tensor tensor = place.tensor;
    if (!FloatCodec.known(tensor.dtype())) {
      throw new IllegalArgumentException(
          "%s: tensor %s: dtype %s (expected: F32, F16 or BF16)"
              .formatted(place.file, name, tensor.dtype()));
    }
    if (tensor.elements() != target.remaining()) {
      throw new IllegalArgumentException(
          "%s: tensor %s: shape %s (expected: %d elements)"
              .formatted(place.file, name, tensor.shape(), target.remaining()));
    }
    FloatCodec.decode(tensor.dtype(), place.bytes(), target);
  }

  private static ByteBuffer map(Path file, long begin, long end) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return channel.map(FileChannel.MapMode.READ_ONLY, begin, end - begin);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private Place place(String name) {
    Place place = places.get(name);
    if (place == null) {
      throw new IllegalArgumentException(origin + ": no tensor " + name);
    }
    return place;
  }
}
