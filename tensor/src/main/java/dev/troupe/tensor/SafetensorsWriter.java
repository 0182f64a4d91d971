package dev.troupe.tensor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.tensor.internal.FloatCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Writes safetensors files. The same tensors in the same order give the same bytes, and a file
 * appears whole or not at all.
 */
public final class SafetensorsWriter {

  /** How elements are stored. */
  public enum Type {
    F32(4),
    F16(2),
    BF16(2);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Its name in PyTorch. */
    public String torchName() {
      return switch (this) {
        case F32 -> "float32";
        case F16 -> "float16";
        case BF16 -> "bfloat16";
      };
    }
  }

  /**
   * A tensor to write.
   *
   * @param values its elements, from position to limit; asked for when it is their turn
   */
  public record Tensor(String name, List<Integer> shape, Supplier<FloatBuffer> values) {
    /** Of elements that are there. */
    public Tensor(String name, List<Integer> shape, FloatBuffer values) {
      this(name, shape, values::duplicate);
    }

    private long elements() {
      return shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }

    /** Bytes that its elements take in a file. */
    long bytes(Type type) {
      return elements() * type.bytes;
    }
  }

  private static final int CHUNK = 1 << 18;

  private SafetensorsWriter() {}

  /**
   * Writes {@code file}, durably, over what is there.
   *
   * @param metadata goes into {@code __metadata__}
   */
  public static void write(
      Path file, Type type, Map<String, String> metadata, List<Tensor> tensors) {
    byte[] header = header(type, metadata, tensors);
    AtomicFile.write(file, channel -> write(channel, header, type, tensors));
  }

  /** What {@link #write} would put into a file. */
  public static byte[] bytes(Type type, Map<String, String> metadata, List<Tensor> tensors) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      write(Channels.newChannel(bytes), header(type, metadata, tensors), type, tensors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(
      WritableByteChannel channel, byte[] header, Type type, List<Tensor> tensors)
      throws IOException {
    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    drain(channel, length.putLong(header.length).flip());
    drain(channel, ByteBuffer.wrap(header));
    for (Tensor tensor : tensors) {
      writeValues(channel, type, tensor);
    }
  }

  private static byte[] header(Type type, Map<String, String> metadata, List<Tensor> tensors) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = root.putObject("__metadata__");
      new TreeMap<>(metadata).forEach(node::put);
    }
    long at = 0;
    for (Tensor tensor : tensors) {
      if (root.has(tensor.name)) {
        throw new IllegalArgumentException(
            "tensor %s: twice (expected: a name of its own)".formatted(tensor.name));
      }
      long end = at + tensor.bytes(type);
      ObjectNode node = root.putObject(tensor.name).put("dtype", type.name());
      tensor.shape.forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(at).add(end);
      at = end;
    }
    try {
      String text = json.writeValueAsString(root);
      int bytes = text.getBytes(StandardCharsets.UTF_8).length;
      return (text + " ".repeat((8 - bytes % 8) % 8)).getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void writeValues(WritableByteChannel channel, Type type, Tensor tensor)
      throws IOException {
    FloatBuffer values = tensor.values.get();
    if (values.remaining() != tensor.elements()) {
      throw new IllegalArgumentException(
          "tensor %s: %d elements (expected: as many as shape %s has)"
              .formatted(tensor.name, values.remaining(), tensor.shape));
    }
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK * type.bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      int n = Math.min(CHUNK, values.remaining());
      FloatCodec.encode(type.name(), values.slice(values.position(), n), chunk.clear());
      drain(channel, chunk.flip());
      values.position(values.position() + n);
    }
  }

  private static void drain(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
