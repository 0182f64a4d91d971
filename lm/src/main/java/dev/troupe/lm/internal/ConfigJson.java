package dev.troupe.lm.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.troupe.lm.Architecture;
import dev.troupe.lm.Architecture.Activation;
import dev.troupe.lm.Architecture.Family;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.LmConfig.RopeScaling;
import dev.troupe.tensor.SafetensorsWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code config.json} of a model, in the spelling of transformers 4 and 5. */
public final class ConfigJson {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** GPT-2's names for what the other families agree on. */
  private static final Map<String, String> GPT2_NAMES =
      Map.of(
          "hidden_size", "n_embd",
          "intermediate_size", "n_inner",
          "num_hidden_layers", "n_layer",
          "num_attention_heads", "n_head",
          "max_position_embeddings", "n_positions",
          "hidden_act", "activation_function",
          "rms_norm_eps", "layer_norm_epsilon");

  /** Names of activations; the first one of each is written. */
  private static final Map<String, Activation> ACTIVATIONS = new LinkedHashMap<>();

  static {
    ACTIVATIONS.put("silu", Activation.SILU);
    ACTIVATIONS.put("gelu", Activation.GELU);
    ACTIVATIONS.put("gelu_new", Activation.GELU_TANH);
    ACTIVATIONS.put("gelu_pytorch_tanh", Activation.GELU_TANH);
    ACTIVATIONS.put("relu", Activation.RELU);
  }

  private final Path file;
  private final ObjectNode json;
  private final Family family;

  private ConfigJson(Path file) {
    this.file = file;
    json = readObject(file);
    String type = json.path("model_type").asText();
    family =
        Arrays.stream(Family.values())
            .filter(one -> one.modelType().equals(type))
            .findFirst()
            .orElseThrow(
                () ->
                    bad(
                        "model_type",
                        "one of "
                            + Arrays.stream(Family.values()).map(Family::modelType).toList()));
  }

  /** See {@link LmConfig#read}. */
  public static LmConfig read(Path folder) {
    Path file = folder.resolve("config.json");
    ConfigJson config = new ConfigJson(file);
    try {
      return config.parse();
    } catch (IllegalArgumentException e) {
      throw e.getMessage().startsWith(file.toString())
          ? e
          : new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  private LmConfig parse() {
    Architecture architecture = architecture();
    boolean gpt2 = family == Family.GPT2;
    int dim = integer("hidden_size", null);
    int heads = integer("num_attention_heads", null);
    boolean nested = json.path("rope_parameters").isObject();
    JsonNode rope = nested ? json.get("rope_parameters") : json;
    return new LmConfig(
        integer("vocab_size", null),
        dim,
        integer("intermediate_size", gpt2 ? 4 * dim : null),
        integer("num_hidden_layers", null),
        heads,
        gpt2 ? heads : integer("num_key_value_heads", heads),
        gpt2 ? dim / Math.max(1, heads) : integer("head_dim", dim / Math.max(1, heads)),
        integer("max_position_embeddings", gpt2 ? 1024 : 2048),
        json.path(name("rms_norm_eps")).asDouble(gpt2 ? 1e-5 : 1e-6),
        gpt2 ? 0 : rope.path("rope_theta").asDouble(10_000),
        gpt2 ? null : scaling(nested ? rope : json.path("rope_scaling")),
        json.path("tie_word_embeddings").asBoolean(gpt2),
        architecture);
  }

  private Architecture architecture() {
    Activation activation = activation();
    return switch (family) {
      case LLAMA ->
          new Architecture(
              family,
              activation,
              json.path("attention_bias").asBoolean(false),
              json.path("mlp_bias").asBoolean(false),
              0);
      case MISTRAL -> {
        // transformers' default where the field is missing; null says that there is no window
        int window = json.has("sliding_window") ? integer("sliding_window", 0) : 4096;
        yield new Architecture(family, activation, false, false, window);
      }
      case QWEN2 -> {
        expect("use_sliding_window", "false");
        yield new Architecture(family, activation, true, false, 0);
      }
      case GPT2 -> {
        expect("scale_attn_weights", "true");
        expect("scale_attn_by_inverse_layer_idx", "false");
        expect("add_cross_attention", "false");
        yield new Architecture(family, activation, true, true, 0);
      }
    };
  }

  private Activation activation() {
    String field = name("hidden_act");
    String otherwise = family == Family.GPT2 ? "gelu_new" : "silu";
    Activation activation = ACTIVATIONS.get(json.path(field).asText(otherwise));
    if (activation == null) {
      throw bad(field, "one of " + ACTIVATIONS.keySet());
    }
    return activation;
  }

  /** What this family calls a field. */
  private String name(String field) {
    return family == Family.GPT2 ? GPT2_NAMES.getOrDefault(field, field) : field;
  }

  private RopeScaling scaling(JsonNode node) {
    String type = node.path("rope_type").asText(node.path("type").asText("default"));
    return switch (type) {
      case "default" -> null;
      case "llama3" ->
          new RopeScaling(
              node.path("factor").asDouble(),
              node.path("low_freq_factor").asDouble(),
              node.path("high_freq_factor").asDouble(),
              node.path("original_max_position_embeddings").asInt());
      default -> throw bad("rope_type", JSON.getNodeFactory().textNode(type), "default or llama3");
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

  private void expect(String field, String value) {
    if (json.hasNonNull(field) && !json.get(field).asText().equals(value)) {
      throw bad(field, value);
    }
  }

  private int integer(String general, Integer otherwise) {
    String field = name(general);
    JsonNode node = json.path(field);
    if (otherwise != null && (node.isMissingNode() || node.isNull())) {
      return otherwise;
    }
    if (!node.isInt()) {
      throw bad(field, "an integer");
    }
    return node.asInt();
  }

  private IllegalArgumentException bad(String field, String expected) {
    return bad(field, json.path(field), expected);
  }

  private IllegalArgumentException bad(String field, JsonNode value, String expected) {
    return new IllegalArgumentException(
        "%s: %s: %s (expected: %s)"
            .formatted(file, field, value.isMissingNode() ? "missing" : value, expected));
  }

  /**
   * The text of a {@code config.json}.
   *
   * @param type of the weights beside it
   * @param origin a file whose other fields (ids of special tokens and so on) are kept, or null
   */
  public static byte[] write(LmConfig config, SafetensorsWriter.Type type, Path origin) {
    Architecture architecture = config.architecture();
    Family family = architecture.family();
    ObjectNode json =
        origin != null && Files.exists(origin) ? readObject(origin) : JSON.createObjectNode();
    json.remove(List.of("quantization_config", "rope_parameters", "rope_scaling", "dtype"));
    json.putArray("architectures").add(family.className());
    json.put("model_type", family.modelType())
        .put("vocab_size", config.vocabSize())
        .put("tie_word_embeddings", config.tied())
        .put("torch_dtype", type.torchName());
    Map<String, String> names = family == Family.GPT2 ? GPT2_NAMES : Map.of();
    shape(config)
        .properties()
        .forEach(
            field ->
                json.set(names.getOrDefault(field.getKey(), field.getKey()), field.getValue()));
    switch (family) {
      case LLAMA ->
          json.put("attention_bias", architecture.attentionBias())
              .put("mlp_bias", architecture.mlpBias());
      case MISTRAL ->
          json.put("sliding_window", architecture.window() == 0 ? null : architecture.window());
      case QWEN2 -> json.put("use_sliding_window", false);
      case GPT2 -> {} // its biases are no matter of choice
    }
    if (!architecture.learnedPositions()) {
      rotary(config, json);
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What all families have, by its usual name. */
  private static ObjectNode shape(LmConfig config) {
    return JSON.createObjectNode()
        .put("hidden_size", config.dim())
        .put("intermediate_size", config.hiddenDim())
        .put("num_hidden_layers", config.layers())
        .put("num_attention_heads", config.heads())
        .put("max_position_embeddings", config.context())
        .put("hidden_act", activationName(config.architecture().activation()))
        .put("rms_norm_eps", config.normEpsilon());
  }

  private static String activationName(Activation activation) {
    return ACTIVATIONS.entrySet().stream()
        .filter(entry -> entry.getValue() == activation)
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private static void rotary(LmConfig config, ObjectNode json) {
    json.put("num_key_value_heads", config.kvHeads())
        .put("head_dim", config.headDim())
        .put("rope_theta", config.ropeTheta());
    RopeScaling scaling = config.ropeScaling();
    if (scaling != null) {
      json.putObject("rope_scaling")
          .put("rope_type", "llama3")
          .put("factor", scaling.factor())
          .put("low_freq_factor", scaling.lowFrequencyFactor())
          .put("high_freq_factor", scaling.highFrequencyFactor())
          .put("original_max_position_embeddings", scaling.originalContext());
    }
  }
}
