package dev.troupe.lm.internal.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.lm.HubException;
import dev.troupe.lm.ModelSource;
import dev.troupe.lm.internal.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which files of a repository make a model: its shape, its tokenizer, its weights. */
final class ModelFiles {

  static final String CONFIG = "config.json";
  static final String INDEX = "model.safetensors.index.json";

  private static final String TOKENIZER = "tokenizer.json";
  private static final String WEIGHTS = "model.safetensors";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ModelFiles() {}

  /**
   * All but the shards that an index names; the small files first.
   *
   * @throws HubException if something is missing without which there is no model
   */
  static List<String> withoutShards(ModelSource.Hub source, Set<String> there) {
    require(source, there, CONFIG, "config.json, safetensors and tokenizer.json");
    require(source, there, TOKENIZER, "a tokenizer of the Hugging Face tokenizers library");
    String weights = there.contains(WEIGHTS) ? WEIGHTS : INDEX;
    if (!there.contains(weights)) {
      throw new HubException(
          source
              + ": neither model.safetensors nor its index (expected: weights as safetensors;"
              + " pickled ones are not read)");
    }
    List<String> names = new ArrayList<>(List.of(CONFIG));
    ModelFolder.COMPANIONS.stream().filter(there::contains).forEach(names::add);
    names.add(weights);
    return names;
  }

  /**
   * The shards that an index names.
   *
   * @throws HubException if the repository does not hold one
   */
  static Set<String> shards(ModelSource.Hub source, Path index, Set<String> there) {
    Set<String> shards = new TreeSet<>();
    for (JsonNode shard : weightMap(source, index)) {
      require(source, there, shard.asText(), "a safetensors file, as " + INDEX + " names it");
      shards.add(shard.asText());
    }
    return shards;
  }

  private static JsonNode weightMap(ModelSource.Hub source, Path index) {
    try {
      return JSON.readTree(Files.readAllBytes(index)).path("weight_map");
    } catch (IOException e) {
      throw new HubException(source + ": " + INDEX + " cannot be read as JSON", false, e);
    }
  }

  private static void require(
      ModelSource.Hub source, Set<String> there, String name, String expected) {
    if (!there.contains(name)) {
      throw new HubException("%s: it holds no %s (expected: %s)".formatted(source, name, expected));
    }
  }
}
