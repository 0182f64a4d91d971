package dev.troupe.tensor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.tensor.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes a model's tensors into a folder as Hugging Face does: {@code model.safetensors}, or, if
 * they are larger than a limit, shards {@code model-00001-of-00003.safetensors} with {@code
 * model.safetensors.index.json}, which says where each tensor is. {@link Safetensors#openModel}
 * reads both.
 */
public final class SafetensorsModel {

  private static final String SINGLE = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private SafetensorsModel() {}

  /**
   * Writes all tensors in their order. Files of an older model in the folder are replaced or, once
   * the new ones are complete, removed.
   *
   * @param mostBytes of the tensors in a file; a larger tensor has a file of its own
   */
  public static void write(
      Path folder, SafetensorsWriter.Type type, List<Tensor> tensors, long mostBytes) {
    if (mostBytes < 1) {
      throw new IllegalArgumentException("mostBytes: " + mostBytes + " (expected: > 0)");
    }
    List<List<Tensor>> shards = cut(type, tensors, mostBytes);
    Set<String> written = new HashSet<>();
    if (shards.size() == 1) {
      SafetensorsWriter.write(folder.resolve(SINGLE), type, METADATA, tensors);
      written.add(SINGLE);
    } else {
      Map<String, String> weightMap = new TreeMap<>();
      for (int i = 0; i < shards.size(); i++) {
        String file = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
        SafetensorsWriter.write(folder.resolve(file), type, METADATA, shards.get(i));
        shards.get(i).forEach(tensor -> weightMap.put(tensor.name(), file));
      }
      long bytes = tensors.stream().mapToLong(tensor -> tensor.bytes(type)).sum();
      AtomicFile.write(folder.resolve(INDEX), index(bytes, weightMap));
      written.add(INDEX);
      written.addAll(weightMap.values());
    }
    removeOthers(folder, written);
  }

  /** One behind the other, a new shard where the next tensor would be too much. */
  private static List<List<Tensor>> cut(
      SafetensorsWriter.Type type, List<Tensor> tensors, long mostBytes) {
    List<List<Tensor>> shards = new ArrayList<>();
    shards.add(new ArrayList<>());
    long bytes = 0;
    for (Tensor tensor : tensors) {
      if (bytes > 0 && bytes + tensor.bytes(type) > mostBytes) {
        shards.add(new ArrayList<>());
        bytes = 0;
      }
      shards.get(shards.size() - 1).add(tensor);
      bytes += tensor.bytes(type);
    }
    return shards;
  }

  private static byte[] index(long bytes, Map<String, String> weightMap) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode root = json.createObjectNode();
    root.putObject("metadata").put("total_size", bytes);
    weightMap.forEach(root.putObject("weight_map")::put);
    try {
      return json.writerWithDefaultPrettyPrinter().writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void removeOthers(Path folder, Set<String> written) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.matches("model(-\\d{5}-of-\\d{5})?\\.safetensors(\\.index\\.json)?")
            && !written.contains(name)) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": an older model's files cannot be removed", e);
    }
  }
}
