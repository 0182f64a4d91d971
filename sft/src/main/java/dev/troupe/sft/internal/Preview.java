package dev.troupe.sft.internal;

import dev.troupe.core.InputException;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.lm.Example;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.ModelHub;
import dev.troupe.lm.ModelSource;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.SftOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Shows the first examples that a fine-tuning job would train on, decoded from their tokens, what
 * is learned between ⟦ and ⟧. The data is read and tokenized as for training.
 *
 * @param model with its commit, if it is one of the hub
 */
public record Preview(SftOptions options, String model) implements Task<Preview.Shown> {

  /** All of them, whole, as an artifact. */
  static final String FILE = "preview.txt";

  /** Stands between examples. */
  public static final String SEPARATOR = "\n\n";

  /** A longer text is cut short in the job's result, which is to stay small. */
  private static final int LONGEST = 2000;

  /**
   * What the job's result shows.
   *
   * @param examples each with a line that heads it
   */
  public record Shown(List<String> examples, DataSummary data) {}

  @Override
  public Shown run(TaskContext task) throws Exception {
    Path folder =
        ModelHub.ofEnvironment().fetch(ModelSource.parse(model), ModelFetch.listener(task));
    int maxLength = options.maxLength().orElseGet(() -> context(folder));
    Dataset data = SftData.of(task, options, folder, maxLength).train();
    DataSummary summary = DataSummary.of(data);
    task.log().info("data: {}", summary);
    List<String> whole = new ArrayList<>();
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      int count = Math.min(options.preview(), data.epochRows());
      for (int row : new DataOrder(data.parts(), count, options.seed()).rowsOf(0)) {
        Example example = data.examples().get(row);
        String heading =
            "--- example %d: %d tokens, %d learned ---\n"
                .formatted(whole.size() + 1, example.length(), example.countedTokens());
        whole.add(heading + marked(tokenizer, example));
        task.log().info("{}", whole.get(whole.size() - 1));
      }
    }
    task.artifact(FILE, String.join(SEPARATOR, whole).getBytes(StandardCharsets.UTF_8));
    return new Shown(whole.stream().map(Preview::shortened).toList(), summary);
  }

  private static int context(Path folder) {
    try {
      return LmConfig.read(folder).context();
    } catch (IllegalArgumentException e) {
      throw new InputException("model: " + e.getMessage(), e);
    }
  }

  /** The text of all tokens; each run of tokens that count stands between ⟦ and ⟧. */
  static String marked(Tokenizer tokenizer, Example example) {
    StringBuilder text = new StringBuilder();
    int shown = 0; // characters of the whole text
    boolean inside = false;
    for (int t = 0; t <= example.length(); t++) {
      boolean counts = t > 0 && t < example.length() && example.counted()[t];
      if (counts != inside || t == example.length()) {
        // a run on its own may decode otherwise: tokenizers treat the first blank on its own
        String before = tokenizer.decodeWithSpecials(Arrays.copyOf(example.tokens(), t));
        text.append(before, Math.min(shown, before.length()), before.length());
        shown = before.length();
        text.append(counts != inside ? (counts ? "⟦" : "⟧") : "");
        inside = counts;
      }
    }
    return text.toString();
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST
        ? text
        : "%s ... (%,d characters more in %s)"
            .formatted(text.substring(0, LONGEST), text.length() - LONGEST, FILE);
  }
}
