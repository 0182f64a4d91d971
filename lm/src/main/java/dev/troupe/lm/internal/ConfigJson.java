package dev.troupe.lm.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.LmConfig.RopeScaling;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code config.json} of a Llama model, in the spelling of transformers 4 and 5. */
public final class ConfigJson {

  private static final String SUPPORTED = "llama";
  private static final ObjectMapper JSON = new ObjectMapper();

  private ConfigJson() {}

  /** See {@link LmConfig#read}. */
  public static LmConfig read(Path folder) {
    Path file = folder.resolve("config.json");
    ObjectNode json = readObject(file);
    String type = json.path("model_type").asText();
    if (!type.equals(SUPPORTED)) {
      throw bad(file, "model_type", json.path("model_type"), "one of " + List.of(SUPPORTED));
    }
    expect(file, json, "hidden_act", "silu");
    expect(file, json, "attention_bias", "false");
    expect(file, json, "mlp_bias", "false");
    int dim = integer(file, json, "hidden_size", null);
    int heads = integer(file, json, "num_attention_heads", null);
    JsonNode rope = json.path("rope_parameters").isObject() ? json.get("rope_parameters") : json;
    JsonNode scaling = json.path("rope_parameters").isObject() ? rope : json.path("rope_scaling");
    try {
      return new LmConfig(
          integer(file, json, "vocab_size", null),
          dim,
          integer(file, json, "intermediate_size", null),
          integer(file, json, "num_hidden_layers", null),
          heads,
          integer(file, json, "num_key_value_heads", heads),
          integer(file, json, "head_dim", dim / Math.max(1, heads)),
          integer(file, json, "max_position_embeddings", 2048),
          json.path("rms_norm_eps").asDouble(1e-6),
          rope.path("rope_theta").asDouble(10_000),
          scaling(file, scaling),
          json.path("tie_word_embeddings").asBoolean(false));
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith(file.toString())
          ? e
          : new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private static RopeScaling scaling(Path file, JsonNode node) {
    String type = node.path("rope_type").asText(node.path("type").asText("default"));
    return switch (type) {
      case "default" -> null;
      case "llama3" ->
          new RopeScaling(
              node.path("factor").asDouble(),
              node.path("low_freq_factor").asDouble(),
              node.path("high_freq_factor").asDouble(),
              node.path("original_max_position_embeddings").asInt());
      default -> throw bad(file, "rope_type", node.path("rope_type"), "default or llama3");
    };
  }

  /** Reads a JSON object; the error names the file. */
  static ObjectNode readObject(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(file + ": no such file");
    }
    try {
      if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
        return object;
      }
      throw new IllegalArgumentException(file + ": not a JSON object");
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static void expect(Path file, JsonNode json, String field, String value) {
    if (json.hasNonNull(field) && !json.get(field).asText().equals(value)) {
      throw bad(file, field, json.get(field), value);
    }
  }

  private static int integer(Path file, JsonNode json, String field, Integer otherwise) {
    JsonNode node = json.path(field);
    if (otherwise != null && (node.isMissingNode() || node.isNull())) {
      return otherwise;
    }
    if (!node.isInt()) {
      throw bad(file, field, node, "an integer");
    }
    return node.asInt();
  }

  private static IllegalArgumentException bad(
      Path file, String field, JsonNode value, String expected) {
    return new IllegalArgumentException(
        "%s: %s: %s (expected: %s)"
            .formatted(file, field, value.isMissingNode() ? "missing" : value, expected));
  }

  /**
   * The text of a {@code config.json}.
   *
   * @param origin a file whose other fields (ids of special tokens and so on) are kept, or null
   */
  public static byte[] write(LmConfig config, Path origin) {
    ObjectNode json =
        origin != null && Files.exists(origin) ? readObject(origin) : JSON.createObjectNode();
    json.remove(List.of("quantization_config", "rope_parameters", "rope_scaling", "dtype"));
    json.putArray("architectures").add("LlamaForCausalLM");
    json.put("model_type", SUPPORTED)
        .put("vocab_size", config.vocabSize())
        .put("hidden_size", config.dim())
        .put("intermediate_size", config.hiddenDim())
        .put("num_hidden_layers", config.layers())
        .put("num_attention_heads", config.heads())
        .put("num_key_value_heads", config.kvHeads())
        .put("head_dim", config.headDim())
        .put("max_position_embeddings", config.context())
        .put("hidden_act", "silu")
        .put("rms_norm_eps", config.normEpsilon())
        .put("rope_theta", config.ropeTheta())
        .put("attention_bias", false)
        .put("mlp_bias", false)
        .put("tie_word_embeddings", config.tied())
        .put("torch_dtype", "float32");
    RopeScaling scaling = config.ropeScaling();
    if (scaling != null) {
      json.putObject("rope_scaling")
          .put("rope_type", "llama3")
          .put("factor", scaling.factor())
          .put("low_freq_factor", scaling.lowFrequencyFactor())
          .put("high_freq_factor", scaling.highFrequencyFactor())
          .put("original_max_position_embeddings", scaling.originalContext());
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
