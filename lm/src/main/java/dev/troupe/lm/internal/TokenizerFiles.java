package dev.troupe.lm.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What the native tokenizer does not tell: ids of tokens, special tokens, the chat template. */
public final class TokenizerFiles {

  public static final String TOKENIZER = "tokenizer.json";
  static final String CONFIG = "tokenizer_config.json";
  static final String TEMPLATE = "chat_template.jinja";

  private static final List<String> SPECIAL =
      List.of("bos_token", "eos_token", "pad_token", "unk_token");

  private final Map<String, Integer> ids = new LinkedHashMap<>();
  private final Map<String, String> tokens = new LinkedHashMap<>();
  private final List<String> specialTokens = new ArrayList<>();
  private final int vocabSize;
  private final String template;

  private TokenizerFiles(JsonNode tokenizer, JsonNode config, String template) {
    JsonNode vocab = tokenizer.path("model").path("vocab");
    if (vocab.isObject()) {
      vocab.properties().forEach(entry -> ids.put(entry.getKey(), entry.getValue().asInt()));
    } else { // Unigram: pairs of token and score, by id
      for (JsonNode pair : vocab) {
        ids.put(pair.path(0).asText(), ids.size());
      }
    }
    for (JsonNode added : tokenizer.path("added_tokens")) {
      ids.put(added.path("content").asText(), added.path("id").asInt());
      if (added.path("special").asBoolean()) {
        specialTokens.add(added.path("content").asText());
      }
    }
    vocabSize = ids.values().stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
    for (String name : SPECIAL) {
      JsonNode node = config.path(name);
      String token = node.isObject() ? node.path("content").asText() : node.asText();
      if (!token.isEmpty() && !node.isNull()) {
        tokens.put(name, token);
      }
    }
    this.template = template;
  }

  /** Reads a folder's files; only {@code tokenizer.json} must be there. */
  public static TokenizerFiles read(Path folder) {
    ObjectNode tokenizer = ConfigJson.readObject(folder.resolve(TOKENIZER));
    Path configFile = folder.resolve(CONFIG);
    JsonNode config =
        Files.exists(configFile) ? ConfigJson.readObject(configFile) : tokenizer.objectNode();
    return new TokenizerFiles(tokenizer, config, template(folder, config.path("chat_template")));
  }

  private static String template(Path folder, JsonNode node) {
    Path file = folder.resolve(TEMPLATE);
    if (Files.exists(file)) {
      try {
        return Files.readString(file);
      } catch (IOException e) {
        throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
      }
    }
    for (JsonNode named : node) {
      if (named.path("name").asText().equals("default")) {
        return named.path("template").asText();
      }
    }
    return node.isTextual() ? node.asText() : null;
  }

  public int vocabSize() {
    return vocabSize;
  }

  /** Id of a token. */
  public OptionalInt id(String token) {
    return ids.containsKey(token) ? OptionalInt.of(ids.get(token)) : OptionalInt.empty();
  }

  /** Id of a special token by its name in the configuration. */
  public OptionalInt special(String name) {
    return tokens.containsKey(name) ? id(tokens.get(name)) : OptionalInt.empty();
  }

  /** Special tokens by their names. */
  public Map<String, String> tokens() {
    return tokens;
  }

  /** The texts of all special tokens. */
  public List<String> specialTokens() {
    return specialTokens;
  }

  public Optional<String> template() {
    return Optional.ofNullable(template);
  }
}
