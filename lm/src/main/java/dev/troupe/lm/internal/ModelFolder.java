package dev.troupe.lm.internal;

import dev.troupe.lm.LmConfig;
import dev.troupe.tensor.AtomicFile;
import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Safetensors;
import dev.troupe.tensor.SafetensorsModel;
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

  /** Reads all weights of {@code plan} into {@code flat}. */
  public static void readWeights(Path folder, ParameterLayout plan, FloatBuffer flat) {
    Safetensors file = openWeights(folder, plan);
    for (Layout.Entry entry : plan.layout().entries()) {
      FloatBuffer target = flat.slice(entry.offset(), entry.length());
      String name = nameIn(file, entry);
      if (plan.storedTransposed(entry)) {
        FloatBuffer stored = FloatBuffer.allocate(entry.length());
        file.read(name, stored);
        transpose(stored.array(), entry.shape().get(0), target);
      } else {
        file.read(name, target);
      }
    }
  }

  /** Opens the weights; all of {@code plan} is there, in its shapes. */
  public static Safetensors openWeights(Path folder, ParameterLayout plan) {
    Safetensors file = Safetensors.openModel(folder);
    for (Layout.Entry entry : plan.layout().entries()) {
      String name = nameIn(file, entry);
      List<Long> expected = storedShape(plan, entry).stream().map(Integer::longValue).toList();
      if (!file.names().contains(name) || !file.shape(name).equals(expected)) {
        throw new IllegalArgumentException(
            "%s: tensor %s: %s (expected: shape %s, as config.json says)"
                .formatted(
                    folder,
                    name,
                    file.names().contains(name) ? "shape " + file.shape(name) : "missing",
                    expected));
      }
    }
    return file;
  }

  /** Checkpoints of a model without its head lack the prefix {@code model.}. */
  private static String nameIn(Safetensors file, Layout.Entry entry) {
    String bare = entry.name().substring(entry.name().indexOf('.') + 1);
    return !file.names().contains(entry.name()) && file.names().contains(bare)
        ? bare
        : entry.name();
  }

  private static List<Integer> storedShape(ParameterLayout plan, Layout.Entry entry) {
    List<Integer> shape = entry.shape();
    return plan.storedTransposed(entry) ? List.of(shape.get(1), shape.get(0)) : shape;
  }

  /** {@code target [rows, columns] = source [columns, rows]}, transposed. */
  private static void transpose(float[] source, int rows, FloatBuffer target) {
    int columns = source.length / rows;
    float[] row = new float[columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        row[c] = source[c * rows + r];
      }
      target.put(row);
    }
  }

  /** See {@link dev.troupe.lm.CausalLm#save}. */
  public static void write(
      Path folder,
      LmConfig config,
      ParameterLayout plan,
      FloatBuffer flat,
      Path companions,
      SafetensorsWriter.Type type,
      long mostBytes) {
    List<SafetensorsWriter.Tensor> tensors =
        plan.layout().entries().stream()
            .map(
                entry ->
                    new SafetensorsWriter.Tensor(
                        entry.name(), storedShape(plan, entry), () -> stored(plan, entry, flat)))
            .toList();
    SafetensorsModel.write(folder, type, tensors, mostBytes);
    Path origin = companions == null ? null : companions.resolve("config.json");
    AtomicFile.write(folder.resolve("config.json"), ConfigJson.write(config, type, origin));
    if (companions != null && !companions.equals(folder)) {
      COMPANIONS.forEach(name -> copy(companions.resolve(name), folder.resolve(name)));
    }
  }

  /** A parameter's values in the order of a checkpoint. */
  private static FloatBuffer stored(ParameterLayout plan, Layout.Entry entry, FloatBuffer flat) {
    FloatBuffer own = flat.slice(entry.offset(), entry.length());
    if (!plan.storedTransposed(entry)) {
      return own;
    }
    float[] values = new float[entry.length()];
    own.get(values);
    FloatBuffer target = FloatBuffer.allocate(values.length);
    transpose(values, entry.shape().get(1), target);
    return target.flip();
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
