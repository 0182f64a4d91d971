package dev.troupe.dist.testkit;

import dev.troupe.lm.CausalLm;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Tokenizer;
import dev.troupe.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A fine-tuning run with all that the trainer has turned on: packing, bf16, gradient accumulation,
 * the optimizer sharded and copied, a moving average, checkpoints behind the steps. Its model is
 * small and random.
 */
public final class SftJob {

  private static final String ALPHABET = " \n:<>|_?abcdefghijklmnopqrstuvwxyz0123456789";
  private static final int CONTEXT = 64;
  private static final int ROWS = 200;
  private static final long SEED = 7;

  private final Path model;
  private final Path data;

  /** Writes the model and its rows into a folder. */
  public SftJob(Path folder) {
    try {
      Engine.start(1);
      model = Files.createDirectories(folder.resolve("model"));
      data = folder.resolve("rows.jsonl");
      writeModel();
      Files.write(data, rows());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void writeModel() throws IOException {
    Tokenizer.writeCharacters(model, ALPHABET);
    int vocabulary;
    try (Tokenizer tokenizer = Tokenizer.load(model)) {
      vocabulary = tokenizer.vocabSize();
    }
    LmConfig config = LmConfig.small(vocabulary, 96, 256, 4, 4, CONTEXT);
    try (CausalLm untrained = CausalLm.random(config, SEED)) {
      untrained.save(model, null);
    }
  }

  private static List<String> rows() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      String word = "abcdefghij".repeat(4).substring(i % 9, i % 9 + 3 + i * 7 % 23);
      lines.add("{\"prompt\": \"say %s:\", \"completion\": \"%s\"}".formatted(word, word));
    }
    return lines;
  }

  /** Options of a run. */
  public Map<String, Object> options(int steps, int workers, int checkpointEvery) {
    Map<String, Object> options = new HashMap<>();
    options.put("model", model);
    options.put("data", data);
    options.put("seed", SEED);
    options.put("steps", steps);
    options.put("batch", 32);
    options.put("microBatches", 8);
    options.put("learningRate", 1e-3);
    options.put("precision", "bf16");
    options.put("ema", 0.9);
    options.put("workers", workers);
    options.put("checkpointEvery", checkpointEvery);
    return options;
  }

  /** Options of a sweep over learning rates that stops the hopeless ones. */
  public Map<String, Object> sweepOptions(int samples, String learningRates) {
    Map<String, Object> options = new HashMap<>();
    options.put("model", model);
    options.put("data", data);
    options.put("evalFraction", 0.1);
    options.put("samples", samples);
    options.put("batches", 16);
    options.put("microBatches", 2);
    options.put("learningRates", learningRates);
    options.put("rungs", "0.25,0.5");
    options.put("stop", "enforce");
    return options;
  }
}
