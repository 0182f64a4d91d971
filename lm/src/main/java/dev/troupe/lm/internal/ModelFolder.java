package dev.troupe.lm.internal;

import dev.troupe.lm.LmConfig;
import dev.troupe.tensor.AtomicFile;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Safetensors;
import dev.troupe.tensor.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** The files of a Hugging Face model folder. */
public final class ModelFolder {

  /** Files that belong to the tokenizer and to generation, copied as they are. */
  public static final List<String> COMPANIONS =
      List.of(
          "tokenizer.json",
          "tokenizer_config.json",
          "tokenizer.model",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja",
          "generation_config.json");

  private ModelFolder() {}

  /** Reads all weights of {@code layout} into {@code flat}. */
  public static void readWeights(Path folder, Layout layout, FloatBuffer flat) {
    Safetensors file = openWeights(folder, layout);
    for (Layout.Entry entry : layout.entries()) {
      file.read(entry.name(), flat.slice(entry.offset(), entry.length()));
    }
  }

  /** Opens the weights; all of {@code layout} is there, in its shapes. */
  public static Safetensors openWeights(Path folder, Layout layout) {
    Safetensors file = Safetensors.openModel(folder);
    for (Layout.Entry entry : layout.entries()) {
      List<Long> expected = entry.shape().stream().map(Integer::longValue).toList();
      if (!file.names().contains(entry.name()) || !file.shape(entry.name()).equals(expected)) {
        throw new IllegalArgumentException(
            "%s: tensor %s: %s (expected: shape %s, as config.json says)"
                .formatted(
                    folder,
                    entry.name(),
                    file.names().contains(entry.name())
                        ? "shape " + file.shape(entry.name())
                        : "missing",
                    expected));
      }
    }
    return file;
  }

  /** See {@link dev.troupe.lm.CausalLm#save}. */
  public static void write(
      Path folder, LmConfig config, Layout layout, FloatBuffer flat, Path companions) {
    List<SafetensorsWriter.Tensor> tensors =
        layout.entries().stream()
            .map(
                entry ->
                    new SafetensorsWriter.Tensor(
                        entry.name(), entry.shape(), flat.slice(entry.offset(), entry.length())))
            .toList();
    SafetensorsWriter.write(
        folder.resolve("model.safetensors"),
        SafetensorsWriter.Type.F32,
        Map.of("format", "pt"),
        tensors);
    AtomicFile.write(
        folder.resolve("config.json"),
        ConfigJson.write(config, companions == null ? null : companions.resolve("config.json")));
    if (companions != null && !companions.equals(folder)) {
      COMPANIONS.forEach(name -> copy(companions.resolve(name), folder.resolve(name)));
    }
  }

  private static void copy(Path from, Path to) {
    if (Files.isRegularFile(from)) {
      try {
        AtomicFile.write(to, Files.readAllBytes(from));
      } catch (IOException e) {
        throw new UncheckedIOException(from + ": cannot be read: " + e.getMessage(), e);
      }
    }
  }

  /** See {@link dev.troupe.lm.CausalLm#weightsSha256}. */
  public static String sha256(Layout layout, ByteBuffer flat) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (Layout.Entry entry : layout.entries()) {
        String title = entry.name() + entry.shape() + '\n';
        digest.update(title.getBytes(StandardCharsets.UTF_8));
        digest.update(flat.slice(entry.offset() * Float.BYTES, entry.length() * Float.BYTES));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has SHA-256
    }
  }
}
