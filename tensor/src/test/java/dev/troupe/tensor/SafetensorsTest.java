package dev.troupe.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsTest {

  @TempDir Path folder;

  private static SafetensorsWriter.Tensor tensor(String name, float... values) {
    return new SafetensorsWriter.Tensor(name, List.of(values.length), FloatBuffer.wrap(values));
  }

  private static float[] read(Safetensors file, String name, int length) {
    FloatBuffer target = FloatBuffer.allocate(length);
    file.read(name, target);
    return target.array();
  }

  @ParameterizedTest
  @EnumSource(SafetensorsWriter.Type.class)
  void readsWhatItWrites(SafetensorsWriter.Type type) {
    Path file = folder.resolve("m.safetensors");
    float[] exact = {0, -0f, 1, -2.5f, 0.0078125f, 256, Float.NEGATIVE_INFINITY, Float.NaN};
    SafetensorsWriter.write(
        file, type, Map.of("format", "pt"), List.of(tensor("b", exact), tensor("a", 3)));
    Safetensors opened = Safetensors.open(file);
    assertThat(opened.names()).containsExactly("b", "a");
    assertThat(opened.shape("b")).containsExactly(8L);
    assertThat(read(opened, "b", 8)).containsExactly(exact);
    assertThat(read(opened, "a", 1)).containsExactly(3);
  }

  @Test
  void bytesAreAFilesContent() throws Exception {
    Path file = folder.resolve("m.safetensors");
    List<SafetensorsWriter.Tensor> tensors = List.of(tensor("b", 1, 2), tensor("a", 3));
    SafetensorsWriter.write(file, SafetensorsWriter.Type.F32, Map.of("k", "v"), tensors);
    byte[] bytes = SafetensorsWriter.bytes(SafetensorsWriter.Type.F32, Map.of("k", "v"), tensors);
    assertThat(bytes).isEqualTo(Files.readAllBytes(file));
    assertThat(read(Safetensors.of(bytes), "b", 2)).containsExactly(1, 2);
    assertThatThrownBy(() -> Safetensors.of(Arrays.copyOf(bytes, bytes.length - 1)))
        .hasMessageStartingWith("safetensors of " + (bytes.length - 1) + " bytes: ")
        .hasMessageContaining("cut short");
  }

  @Test
  void writesTheSameBytesEachTime() {
    for (String name : List.of("one", "two")) {
      SafetensorsWriter.write(
          folder.resolve(name),
          SafetensorsWriter.Type.F32,
          Map.of("z", "1", "a", "2"),
          List.of(tensor("x", 1, 2, 3)));
    }
    assertThat(folder.resolve("one")).hasSameBinaryContentAs(folder.resolve("two"));
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("one", "two");
  }

  /** Rounding to nearest even, at the types' borders. */
  @ParameterizedTest
  @CsvSource({
    "F16, 65504, 65504",
    "F16, 65519, 65504",
    "F16, 65520, Infinity",
    "F16, 1e-8, 0",
    "F16, 5.9604645e-8, 5.9604645e-8",
    "F16, 2049, 2048",
    "F16, 2051, 2052",
    "F16, -0.1, -0.099975586",
    "F16, 6.103515625e-5, 6.103515625e-5",
    "F16, 6.1e-5, 6.0975552e-5",
    "BF16, 257, 256",
    "BF16, 259, 260",
    "BF16, 3.4e38, Infinity",
    "BF16, -0.1, -0.100097656"
  })
  void roundsToNearestEven(SafetensorsWriter.Type type, float value, float stored) {
    Path file = folder.resolve("m.safetensors");
    SafetensorsWriter.write(file, type, Map.of(), List.of(tensor("x", value)));
    assertThat(read(Safetensors.open(file), "x", 1)[0]).isEqualTo(stored);
  }

  /** A file with this header and this many bytes of data. */
  private Path file(String header, int data) throws Exception {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    return Files.write(folder.resolve("bad.safetensors"), bytes.array());
  }

  private static String entry(String name, String dtype, String shape, int begin, int end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, begin, end);
  }

  private void refused(String header, int data, String message) throws Exception {
    Path file = file(header, data);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void refusesADamagedHeader() throws Exception {
    refused("{" + entry("a", "F32", "[2]", 0, 8) + "}", 7, "7 bytes of data (expected: 8");
    refused(
        "{" + entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[1]", 4, 8) + "}",
        8,
        "tensor b begins at byte 4 and overlaps a, which ends at 8");
    refused(
        "{" + entry("a", "F32", "[2]", 0, 8) + "," + entry("b", "F32", "[1]", 12, 16) + "}",
        16,
        "tensor b begins at byte 12 and leaves a gap behind a, which ends at 8");
    refused(
        "{" + entry("a", "F33", "[2]", 0, 8) + "}", 8, "tensor a: dtype \"F33\" (expected: one");
    refused(
        "{" + entry("a", "F32", "[3]", 0, 8) + "}",
        8,
        "tensor a: shape [3] of F32 needs 12 bytes, data_offsets [0, 8] hold 8");
    refused("{" + entry("a", "F32", "[-1]", 0, 8) + "}", 8, "shape [-1] (expected: integers >= 0)");
    refused(
        "{" + entry("a", "F32", "[4611686018427387904,4]", 0, 8) + "}",
        8,
        "(expected: fewer elements)");
    refused(
        "{" + entry("a", "F32", "[1]", 0, 4) + "," + entry("a", "F32", "[1]", 4, 8) + "}",
        8,
        "Duplicate field 'a'");
    refused("{\"a\":", 8, "header is not JSON");
    refused("[1]", 8, "header is not a JSON object");
  }

  @Test
  void refusesAHeaderThatIsNotThere() throws Exception {
    Path file = folder.resolve("short.safetensors");
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> Safetensors.open(file)).hasMessageContaining("3 bytes (expected: at");
    Files.write(file, new byte[] {0, 1, 0, 0, 0, 0, 0, 0, '{', '}'});
    assertThatThrownBy(() -> Safetensors.open(file))
        .hasMessageContaining("header of 256 bytes in a file of 10 (expected: 2 to 2");
    Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
    assertThatThrownBy(() -> Safetensors.open(file))
        .hasMessageContaining("header of 18446744073709551615 bytes");
    assertThatThrownBy(() -> Safetensors.open(folder.resolve("none")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none: no such file");
  }

  @Test
  void readsAModelInShards() throws Exception {
    SafetensorsWriter.write(
        folder.resolve("s-1"), SafetensorsWriter.Type.F32, Map.of(), List.of(tensor("a", 1)));
    SafetensorsWriter.write(
        folder.resolve("s-2"), SafetensorsWriter.Type.BF16, Map.of(), List.of(tensor("b", 2)));
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(index, "{\"weight_map\":{\"a\":\"s-1\",\"b\":\"s-2\"}}");
    Safetensors model = Safetensors.openModel(folder);
    assertThat(read(model, "a", 1)).containsExactly(1);
    assertThat(read(model, "b", 1)).containsExactly(2);
    assertThatThrownBy(() -> model.read("c", FloatBuffer.allocate(1)))
        .hasMessageContaining("no tensor c");
    assertThatThrownBy(() -> model.read("a", FloatBuffer.allocate(2)))
        .hasMessageContaining("tensor a: shape [1] (expected: 2 elements)");

    Files.writeString(index, "{\"weight_map\":{\"a\":\"s-2\"}}");
    assertThatThrownBy(() -> Safetensors.openModel(folder))
        .hasMessageContaining("tensor a is not in s-2, where the index puts it");
    Files.writeString(index, "{\"weight_map\":{\"a\":\"../s-2\"}}");
    assertThatThrownBy(() -> Safetensors.openModel(folder))
        .hasMessageContaining("expected: a file name in the same folder");
  }

  @Test
  void writesShardsUpToALimit() throws Exception {
    List<SafetensorsWriter.Tensor> tensors =
        List.of(tensor("d", 1, 2), tensor("c", 3), tensor("b", 4, 5, 6, 7), tensor("a", 8));
    SafetensorsModel.write(folder, SafetensorsWriter.Type.BF16, tensors, 7);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder(
            "model-00001-of-00003.safetensors",
            "model-00002-of-00003.safetensors",
            "model-00003-of-00003.safetensors",
            "model.safetensors.index.json");
    assertThat(Safetensors.open(folder.resolve("model-00001-of-00003.safetensors")).names())
        .containsExactly("d", "c");
    assertThat(folder.resolve("model.safetensors.index.json"))
        .content()
        .contains("\"total_size\" : 16", "\"a\" : \"model-00003-of-00003.safetensors\"");
    Safetensors model = Safetensors.openModel(folder);
    assertThat(read(model, "b", 4)).containsExactly(4, 5, 6, 7); // larger than the limit
    assertThat(read(model, "a", 1)).containsExactly(8);
  }

  @Test
  void aModelReplacesTheOneThatWasThere() throws Exception {
    Path other = Files.writeString(folder.resolve("model.py"), "kept");
    for (long limit : new long[] {4, 8, Long.MAX_VALUE, 8}) {
      SafetensorsModel.write(
          folder,
          SafetensorsWriter.Type.F32,
          List.of(tensor("a", (float) limit), tensor("b", 2), tensor("c", 3)),
          limit);
      assertThat(read(Safetensors.openModel(folder), "a", 1)).containsExactly((float) limit);
    }
    assertThat(folder.toFile().list()).hasSize(4); // two shards, their index, and what is not ours
    assertThat(other).hasContent("kept");
  }

  @Test
  void refusesTensorsThatAreNotWhatTheySay() {
    SafetensorsWriter.Tensor wrong =
        new SafetensorsWriter.Tensor("x", List.of(3), FloatBuffer.allocate(2));
    Path file = folder.resolve("m.safetensors");
    assertThatThrownBy(
            () ->
                SafetensorsWriter.write(file, SafetensorsWriter.Type.F32, Map.of(), List.of(wrong)))
        .hasMessageContaining("tensor x: 2 elements (expected: as many as shape [3] has)");
    assertThatThrownBy(
            () ->
                SafetensorsWriter.write(
                    file,
                    SafetensorsWriter.Type.F32,
                    Map.of(),
                    List.of(tensor("x", 1), tensor("x", 2))))
        .hasMessageContaining("tensor x: twice");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFailedWriteLeavesTheOldFile() throws Exception {
    Path file = Files.writeString(folder.resolve("kept"), "old");
    assertThatThrownBy(
            () ->
                AtomicFile.write(
                    file,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[] {1}));
                      throw new java.io.IOException("No space left on device");
                    }))
        .hasMessageContaining("kept: cannot be written: No space left on device");
    assertThat(file).hasContent("old");
    assertThat(folder.toFile().list()).containsExactly("kept");
  }
}
