package dev.troupe.sft;

import dev.troupe.core.Json;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Tokenizer;
import dev.troupe.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A tiny model with its tokenizer, rows to train it on, and options. */
public final class Fixtures {

  public static final int CONTEXT = 48;

  private static final String ALPHABET = " \n:<>|_?abcdefghijklmnopqrstuvwxyz0123456789";

  private Fixtures() {}

  /** Writes a Hugging Face folder of a Llama with two layers. */
  public static Path model(Path parent) throws IOException {
    Engine.start(1);
    Path folder = Files.createDirectories(parent.resolve("model"));
    Tokenizer.writeCharacters(folder, ALPHABET);
    int vocabulary;
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      vocabulary = tokenizer.vocabSize();
    }
    LmConfig config = LmConfig.small(vocabulary, 32, 64, 2, 2, CONTEXT);
    try (CausalLm model = CausalLm.random(config, 3)) {
      model.save(folder, null);
    }
    return folder;
  }

  /** Rows of different lengths. */
  public static Path data(Path parent, int rows) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      String word = "abcdefgh".repeat(3).substring(i % 7, i % 7 + 2 + i * 5 % 11);
      lines.add(Json.write(Map.of("prompt", "say " + word + ":", "completion", word)));
    }
    return Files.write(parent.resolve("rows.jsonl"), lines);
  }

  /**
   * {@code TROUPE_DATA}, or {@code shared/data} beside a folder above this one; null if neither.
   */
  public static Path sharedData() {
    String set = System.getenv("TROUPE_DATA");
    if (set != null) {
      return Path.of(set);
    }
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve("shared/data"))) {
        return at.resolve("shared/data");
      }
    }
    return null;
  }

  /**
   * Options of a run of so many steps, a checkpoint every three, that learns the rows of {@link
   * #data}.
   *
   * @param namesAndValues further options, which go before these
   */
  public static SftOptions shortRun(Path model, Path data, int steps, Object... namesAndValues) {
    Map<String, Object> more = new HashMap<>();
    more.put("batch", 14);
    more.put("microBatches", 7);
    more.put("steps", steps);
    more.put("learningRate", 3e-3);
    more.put("warmup", 2);
    more.put("checkpointEvery", 3);
    for (int i = 0; i < namesAndValues.length; i += 2) {
      more.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return options(model, data, more);
  }

  /** Options with their defaults, as a user's submission makes them. */
  public static SftOptions options(Path model, Path data, Map<String, Object> more) {
    var given = Json.mapper().createObjectNode();
    given.put("model", model.toString()).put("data", data.toString());
    more.forEach((name, value) -> given.put(name, value.toString()));
    return OptionsBinder.bind(given, SftOptions.class);
  }
}
