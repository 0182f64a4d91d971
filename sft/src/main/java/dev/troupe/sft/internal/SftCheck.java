package dev.troupe.sft.internal;

import dev.troupe.core.options.Violation;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.SftOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a schema cannot say about a fine-tuning job's options. */
public final class SftCheck {

  /** Rows of each file that are tried; the rest is read when the job runs. */
  private static final int ROWS = 64;

  private final SftOptions options;
  private final List<Violation> violations = new ArrayList<>();

  private SftCheck(SftOptions options) {
    this.options = options;
  }

  /** Looks at the numbers, the model's folder and the first rows of the data. */
  public static List<Violation> check(SftOptions options) {
    SftCheck check = new SftCheck(options);
    check.numbers();
    check.out();
    check.modelAndData();
    return check.violations;
  }

  private void numbers() {
    if (options.batch() < options.microBatches()) {
      refuse(
          "microBatches",
          "%d (expected: at most batch, %d)".formatted(options.microBatches(), options.batch()));
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
    if (!options.evalData().isEmpty() && options.evalFraction() > 0) {
      refuse("evalFraction", options.evalFraction() + " (expected: 0 where evalData is given)");
    }
  }

  private void out() {
    if (options.out().isEmpty()) {
      return;
    }
    Path out = Path.of(options.out().get());
    if (Files.isDirectory(out) ? !isEmpty(out) : Files.exists(out)) {
      refuse("out", out + " (expected: a folder that does not exist or is empty)");
    }
  }

  private void modelAndData() {
    if (options.data().isEmpty()) {
      refuse("data", "none (expected: at least one file of rows)");
    }
    Path folder = Path.of(options.model());
    if (!Files.isDirectory(folder)) {
      refuse(
          "model",
          folder + " (expected: a folder with config.json, safetensors and tokenizer.json)");
      return;
    }
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      LmConfig config = LmConfig.read(folder);
      int maxLength = options.maxLength().orElse(config.context());
      if (maxLength > config.context()) {
        refuse(
            "maxLength",
            "%d (expected: at most the model's context, %d)"
                .formatted(maxLength, config.context()));
        maxLength = config.context();
      }
      firstRows("data", options.data(), DataFile::parse, tokenizer, maxLength);
      firstRows("evalData", options.evalData(), DataFile::of, tokenizer, maxLength);
    } catch (IllegalArgumentException e) {
      refuse("model", e.getMessage());
    }
  }

  private void firstRows(
      String field,
      List<String> files,
      Function<String, DataFile> parse,
      Tokenizer tokenizer,
      int maxLength) {
    for (String file : files) {
      try {
        List<DataFile> one = List.of(parse.apply(file));
        Dataset.load(one, tokenizer, maxLength, SftData.tooLong(options), ROWS);
      } catch (IllegalArgumentException e) {
        refuse(field, e.getMessage());
      }
    }
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
