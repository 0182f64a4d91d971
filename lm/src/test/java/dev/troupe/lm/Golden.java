package dev.troupe.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The models that {@code src/test/python/golden.py} made, and what transformers says of them. */
public final class Golden {

  /** A model of each kind of block. */
  public static final List<String> MODELS =
      List.of(
          "grouped",
          "wide-heads",
          "llama3-rope",
          "llama-biases",
          "mistral",
          "mistral-window",
          "qwen2",
          "gpt2",
          "gpt2-untied");

  private Golden() {}

  /** The folder of a model. */
  public static Path folder(String name) throws URISyntaxException {
    return Path.of(Golden.class.getResource("/golden/" + name + "/config.json").toURI())
        .getParent();
  }

  /** What transformers says: rows, divisor, loss, answers. */
  public static JsonNode expected(String name) throws IOException, URISyntaxException {
    return new ObjectMapper().readTree(folder(name).resolve("expected.json").toFile());
  }

  /** Its rows. */
  public static List<Example> examples(JsonNode expected) {
    List<Example> examples = new ArrayList<>();
    for (JsonNode row : expected.get("rows")) {
      int n = row.get("tokens").size();
      int[] tokens = new int[n];
      boolean[] counted = new boolean[n];
      for (int t = 0; t < n; t++) {
        tokens[t] = row.get("tokens").get(t).asInt();
        counted[t] = row.get("counted").get(t).asBoolean();
      }
      examples.add(new Example(tokens, counted));
    }
    return examples;
  }
}
