package dev.troupe.sft.internal.eval;

import dev.troupe.core.options.Violation;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.SftEvalOptions;
import dev.troupe.sft.SftEvalOptions.Kind;
import dev.troupe.sft.internal.DataFile;
import dev.troupe.sft.internal.Dataset;
import dev.troupe.sft.internal.ModelCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a schema cannot say about an evaluation's options. */
public final class EvalCheck {

  /** Rows of each file that are tried; the rest is read when the job runs. */
  private static final int ROWS = 64;

  private final SftEvalOptions options;
  private final List<Violation> violations = new ArrayList<>();

  private EvalCheck(SftEvalOptions options) {
    this.options = options;
  }

  /** Looks at the model's folder and the first rows of the data. */
  public static List<Violation> check(SftEvalOptions options) {
    ModelCheck.Checked model = ModelCheck.check(options.model());
    List<Violation> violations = new ArrayList<>(check(options, model.folder()));
    model.problem().ifPresent(problem -> violations.add(new Violation("model", problem)));
    return violations;
  }

  /**
   * Looks at the first rows of the data.
   *
   * @param model its folder, if it is here and whole
   */
  static List<Violation> check(SftEvalOptions options, Optional<Path> model) {
    EvalCheck check = new EvalCheck(options);
    if (options.data().isEmpty()) {
      check.refuse("data", "none (expected: at least one file of rows)");
    }
    if (options.kind() != Kind.LOSS) {
      check.questions();
    }
    model.ifPresent(check::withModel);
    return check.violations;
  }

  private void questions() {
    if (options.shots() > 0 && options.shotsData().isEmpty()) {
      refuse(
          "shotsData",
          "missing (expected: a file of rows to take %d examples from)".formatted(options.shots()));
      return;
    }
    Questions reader;
    try {
      reader = new Questions(options);
    } catch (IllegalArgumentException e) {
      refuse("shotsData", e.getMessage());
      return;
    }
    for (String file : options.data()) {
      try {
        reader.of(Path.of(file), Math.min(ROWS, options.limit().orElse(ROWS)));
      } catch (IllegalArgumentException e) {
        refuse("data", e.getMessage());
      }
    }
  }

  private void withModel(Path folder) {
    LmConfig config = LmConfig.read(folder);
    if (options.kind() == Kind.GSM8K && options.maxNewTokens() >= config.context()) {
      refuse(
          "maxNewTokens",
          "%d (expected: less than the model's context, %d)"
              .formatted(options.maxNewTokens(), config.context()));
    }
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      if (options.chat() && !tokenizer.hasChatTemplate()) {
        refuse("chat", "true (expected: false, for the model has no chat template)");
      }
      if (options.kind() == Kind.LOSS) {
        losses(tokenizer, config.context());
      }
    }
  }

  private void losses(Tokenizer tokenizer, int context) {
    for (String file : options.data()) {
      try {
        List<DataFile> one = List.of(DataFile.of(file));
        Dataset.load(one, tokenizer, context, Dataset.TooLong.DROP, ROWS);
      } catch (IllegalArgumentException e) {
        refuse("data", e.getMessage());
      }
    }
  }

  private void refuse(String field, String description) {
    violations.add(new Violation(field, description));
  }
}
