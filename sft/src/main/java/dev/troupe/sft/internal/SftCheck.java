package dev.troupe.sft.internal;

import dev.troupe.core.options.Violation;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.HubException;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.LowRankAdapters;
import dev.troupe.lm.ModelHub;
import dev.troupe.lm.ModelSource;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.SftOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a schema cannot say about a fine-tuning job's options. */
public final class SftCheck {

  /** Rows of each file that are tried; the rest is read when the job runs. */
  private static final int ROWS = 64;

  private final SftOptions options;
  private final List<Violation> violations = new ArrayList<>();
  private List<DataFile> data = List.of();
  private List<DataFile> evalData = List.of();

  private SftCheck(SftOptions options) {
    this.options = options;
  }

  /** Looks at the numbers, the model's folder and the first rows of the data. */
  public static List<Violation> check(SftOptions options) {
    SftCheck check = new SftCheck(options);
    check.numbers();
    check.out();
    check.files();
    check.modelAndRows();
    return check.violations;
  }

  private void numbers() {
    if (options.batchRows() < options.microBatches()) {
      refuse(
          "microBatches",
          "%d (expected: at most batch, %d)"
              .formatted(options.microBatches(), options.batchRows()));
    }
    int most = options.workers().orElse(options.microBatches());
    if (most > options.microBatches()) {
      refuse(
          "workers",
          "%d (expected: at most microBatches, %d, so that each has work)"
              .formatted(most, options.microBatches()));
    }
    if (options.minWorkers() > most) {
      refuse(
          "minWorkers",
          "%d (expected: at most %s, %d)"
              .formatted(
                  options.minWorkers(),
                  options.workers().isPresent() ? "workers" : "microBatches",
                  most));
    }
    if (options.loraRank() == 0
        && (options.loraAlpha().isPresent() || !options.loraTargets().isEmpty())) {
      refuse("loraRank", "0 (expected: > 0 where loraAlpha or loraTargets is given)");
    }
    if (options.evalEvery() > 0 && options.evalData().isEmpty() && options.evalFraction() == 0) {
      refuse("evalEvery", options.evalEvery() + " (expected: 0 without evalData or evalFraction)");
    }
    if (options.steps().isPresent()) {
      options.exportAt().stream()
          .filter(step -> step > options.steps().get())
          .forEach(
              step ->
                  refuse(
                      "exportAt",
                      "%d (expected: at most steps, %d)".formatted(step, options.steps().get())));
    }
    if (!options.evalData().isEmpty() && options.evalFraction() > 0) {
      refuse("evalFraction", options.evalFraction() + " (expected: 0 where evalData is given)");
    }
  }

  private void out() {
    if (options.out().isEmpty()) {
      return;
    }
    Path out = Path.of(options.out().get()).toAbsolutePath();
    if (Files.isDirectory(out) ? !isEmpty(out) : Files.exists(out)) {
      refuse("out", out + " (expected: a folder that does not exist or is empty)");
      return;
    }
    Path there = out;
    while (there.getParent() != null && !Files.exists(there)) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there) || !Files.isWritable(there)) {
      refuse(
          "out",
          "%s (expected: a folder that can be made; %s cannot be written to)"
              .formatted(out, there));
    }
  }

  private void files() {
    if (options.data().isEmpty()) {
      refuse("data", "none (expected: at least one file of rows)");
    }
    data = files("data", options.data(), DataFile::parse);
    evalData = files("evalData", options.evalData(), DataFile::of);
  }

  private List<DataFile> files(String field, List<String> names, Function<String, DataFile> parse) {
    List<DataFile> files = new ArrayList<>();
    for (String name : names) {
      try {
        files.add(parse.apply(name));
      } catch (IllegalArgumentException e) {
        refuse(field, e.getMessage());
      }
    }
    return files;
  }

  private void modelAndRows() {
    try {
      ModelSource source = ModelSource.parse(options.model());
      if (source instanceof ModelSource.Hub model) {
        ofHub(model);
      } else {
        folder(((ModelSource.Folder) source).path());
      }
    } catch (IllegalArgumentException | UncheckedIOException | HubException e) {
      refuse("model", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody waits for an answer any longer
    }
  }

  /** One that is not here yet is looked at, without its tokenizer and so without the rows. */
  private void ofHub(ModelSource.Hub model) throws InterruptedException {
    ModelHub hub = ModelHub.ofEnvironment();
    Optional<Path> folder = hub.present(model);
    if (folder.isPresent()) {
      folder(folder.get());
    } else {
      hub.preview(model, ModelCheck.HUB_LIMIT).ifPresent(this::maxLength);
    }
  }

  private void folder(Path folder) {
    String lacking = ModelCheck.lacking(folder);
    if (!lacking.isEmpty()) {
      refuse("model", ModelCheck.lacking(folder, lacking));
      return;
    }
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      CausalLm.check(folder);
      LmConfig config = LmConfig.read(folder);
      loraTargets(config);
      int maxLength = maxLength(config);
      int largest =
          Math.max(
              firstRows("data", data, tokenizer, maxLength),
              firstRows("evalData", evalData, tokenizer, maxLength));
      if (largest >= config.vocabSize()) {
        refuse(
            "model",
            "%s: tokenizer.json makes token %d (expected: < vocab_size of config.json, %d); is it another model's?"
                .formatted(folder, largest, config.vocabSize()));
      }
    }
  }

  private void loraTargets(LmConfig config) {
    List<String> modules = LowRankAdapters.modules(config);
    for (String target : options.loraTargets()) {
      if (!modules.contains(target)) {
        refuse(
            "loraTargets",
            "%s (expected: some of %s)".formatted(target, String.join(", ", modules)));
      }
    }
  }

  /** Most tokens of a row. */
  private int maxLength(LmConfig config) {
    int maxLength = options.maxLength().orElse(config.context());
    if (maxLength > config.context()) {
      refuse(
          "maxLength",
          "%d (expected: at most the model's context, %d)".formatted(maxLength, config.context()));
    }
    return Math.min(maxLength, config.context());
  }

  /** Returns the largest token that the first rows have. */
  private int firstRows(String field, List<DataFile> files, Tokenizer tokenizer, int maxLength) {
    int largest = 0;
    for (DataFile file : files) {
      try {
        Dataset rows =
            Dataset.load(List.of(file), tokenizer, maxLength, SftData.tooLong(options), ROWS);
        largest = Math.max(largest, rows.largestToken());
      } catch (IllegalArgumentException e) {
        refuse(field, e.getMessage());
      }
    }
    return largest;
  }

  private void refuse(String field, String description) {
    violations.add(new Violation(field, description));
  }

  private static boolean isEmpty(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      return false; // unreadable is as good as taken
    }
  }
}
