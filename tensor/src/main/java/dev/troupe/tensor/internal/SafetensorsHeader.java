package dev.troupe.tensor.internal;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A safetensors header whose every claim has been checked against the file.
 *
 * @param dataStart where the tensors' bytes begin in the file
 * @param tensors by offset
 */
public record SafetensorsHeader(long dataStart, List<Tensor> tensors) {

  /** The format's own limit. */
  private static final long LONGEST_HEADER = 100_000_000;

  private static final Map<String, Integer> BYTES =
      Map.ofEntries(
          Map.entry("BOOL", 1),
          Map.entry("U8", 1),
          Map.entry("I8", 1),
          Map.entry("F8_E4M3", 1),
          Map.entry("F8_E5M2", 1),
          Map.entry("U16", 2),
          Map.entry("I16", 2),
          Map.entry("F16", 2),
          Map.entry("BF16", 2),
          Map.entry("U32", 4),
          Map.entry("I32", 4),
          Map.entry("F32", 4),
          Map.entry("U64", 8),
          Map.entry("I64", 8),
          Map.entry("F64", 8));

  /**
   * One tensor.
   *
   * @param begin first byte, counted from the start of the data
   * @param end one past the last byte
   */
  public record Tensor(
      String name, String dtype, List<Long> shape, long begin, long end, long elements) {}

  /** Where the bytes come from. */
  @FunctionalInterface
  private interface Source {
    ByteBuffer bytes(long at, int length) throws IOException;
  }

  /** Reads and checks the header of {@code file}. */
  public static SafetensorsHeader read(Path file) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return read(file, channel.size(), (at, length) -> bytes(channel, at, length));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(file + ": no such file", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Reads and checks the header of a file's content.
   *
   * @param origin what messages call it
   */
  public static SafetensorsHeader read(Object origin, byte[] content) {
    try {
      return read(
          origin,
          content.length,
          (at, length) ->
              ByteBuffer.wrap(Arrays.copyOfRange(content, (int) at, (int) at + length))
                  .order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SafetensorsHeader read(Object file, long size, Source source) throws IOException {
    if (size < 8) {
      throw bad(file, "%d bytes (expected: at least 8, the header's length)".formatted(size));
    }
    long length = source.bytes(0, 8).getLong();
    if (length < 2 || length > Math.min(LONGEST_HEADER, size - 8)) {
      throw bad(
          file,
          "header of %s bytes in a file of %d (expected: 2 to %d; is it cut short, or not a safetensors file?)"
              .formatted(Long.toUnsignedString(length), size, Math.min(LONGEST_HEADER, size - 8)));
    }
    long dataStart = 8 + length;
    List<Tensor> tensors = parse(file, source.bytes(8, (int) length).array());
    checkOffsets(file, tensors, size - dataStart);
    return new SafetensorsHeader(dataStart, tensors);
  }

  private static ByteBuffer bytes(FileChannel channel, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, at + bytes.position()) < 0) {
        throw new EOFException("ends at byte " + (at + bytes.position()));
      }
    }
    return bytes.flip();
  }

  private static List<Tensor> parse(Object file, byte[] json) {
    JsonNode root;
    try {
      root =
          new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION).readTree(json);
    } catch (JsonProcessingException e) {
      String why = e.getOriginalMessage();
      throw bad(file, "header is not JSON: " + why.substring(0, Math.min(why.length(), 100)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!root.isObject()) {
      throw bad(file, "header is not a JSON object");
    }
    List<Tensor> tensors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      if (!field.getKey().equals("__metadata__")) {
        tensors.add(tensor(file, field.getKey(), field.getValue()));
      }
    }
    tensors.sort(Comparator.comparingLong(Tensor::begin).thenComparingLong(Tensor::end));
    return tensors;
  }

  private static Tensor tensor(Object file, String name, JsonNode node) {
    String dtype = node.path("dtype").asText();
    Integer width = BYTES.get(dtype);
    if (width == null) {
      throw bad(
          file,
          "tensor %s: dtype %s (expected: one of %s)"
              .formatted(name, node.path("dtype"), BYTES.keySet().stream().sorted().toList()));
    }
    List<Long> shape = numbers(file, name, "shape", node.path("shape"));
    List<Long> offsets = numbers(file, name, "data_offsets", node.path("data_offsets"));
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw bad(
          file, "tensor %s: data_offsets %s (expected: [begin, end])".formatted(name, offsets));
    }
    long length = offsets.get(1) - offsets.get(0);
    long elements = 1;
    try {
      for (long dimension : shape) {
        elements = Math.multiplyExact(elements, dimension);
      }
      if (Math.multiplyExact(elements, (long) width) != length) {
        throw bad(
            file,
            "tensor %s: shape %s of %s needs %d bytes, data_offsets %s hold %d"
                .formatted(name, shape, dtype, elements * width, offsets, length));
      }
    } catch (ArithmeticException e) {
      throw bad(file, "tensor %s: shape %s (expected: fewer elements)".formatted(name, shape));
    }
    return new Tensor(name, dtype, shape, offsets.get(0), offsets.get(1), elements);
  }

  private static List<Long> numbers(Object file, String tensor, String field, JsonNode node) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode number : node) {
      if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
        throw bad(
            file, "tensor %s: %s %s (expected: integers >= 0)".formatted(tensor, field, node));
      }
      numbers.add(number.asLong());
    }
    if (!node.isArray()) {
      throw bad(file, "tensor %s: %s %s (expected: an array)".formatted(tensor, field, node));
    }
    return List.copyOf(numbers);
  }

  private static void checkOffsets(Object file, List<Tensor> tensors, long dataBytes) {
    long at = 0;
    String before = "the header";
    for (Tensor tensor : tensors) {
      if (tensor.begin != at) {
        throw bad(
            file,
            "tensor %s begins at byte %d %s %s, which ends at %d"
                .formatted(
                    tensor.name,
                    tensor.begin,
                    tensor.begin < at ? "and overlaps" : "and leaves a gap behind",
                    before,
                    at));
      }
      at = tensor.end;
      before = tensor.name;
    }
    if (at != dataBytes) {
      throw bad(
          file,
          "%d bytes of data (expected: %d, where the last tensor ends; %s?)"
              .formatted(
                  dataBytes,
                  at,
                  at > dataBytes ? "is the file cut short" : "does the header lack a tensor"));
    }
  }

  private static IllegalArgumentException bad(Object file, String what) {
    return new IllegalArgumentException(file + ": " + what);
  }
}
