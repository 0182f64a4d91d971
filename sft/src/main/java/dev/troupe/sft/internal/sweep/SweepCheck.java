package dev.troupe.sft.internal.sweep;

import dev.troupe.core.options.Violation;
import dev.troupe.sft.SftSweepOptions;
import dev.troupe.sft.internal.SftCheck;
import java.util.ArrayList;
import java.util.List;

/** What a schema cannot say about a sweep's options. */
public final class SweepCheck {

  private static final int MOST_SETTINGS = 256;

  private SweepCheck() {}

  /** Looks at the lists, then at the first setting as sft does. */
  public static List<Violation> check(SftSweepOptions options) {
    List<Violation> violations = new ArrayList<>();
    empty(violations, "batches", options.batches());
    empty(violations, "learningRates", options.learningRates());
    empty(violations, "schedules", options.schedules());
    empty(violations, "warmups", options.warmups());
    empty(violations, "seeds", options.seeds());
    long settings =
        (long) options.batches().size()
            * options.learningRates().size()
            * options.schedules().size()
            * options.warmups().size()
            * options.seeds().size();
    if (settings > MOST_SETTINGS) {
      violations.add(
          new Violation(
              "learningRates",
              "%d settings in all (expected: at most %d)".formatted(settings, MOST_SETTINGS)));
    }
    for (int i = 1; i < options.rungs().size(); i++) {
      if (options.rungs().get(i) <= options.rungs().get(i - 1)) {
        violations.add(new Violation("rungs", options.rungs() + " (expected: ascending)"));
        break;
      }
    }
    for (int batch : options.batches()) {
      if (batch > options.samples()) {
        violations.add(
            new Violation(
                "batches",
                "%d (expected: at most samples, %d)".formatted(batch, options.samples())));
      }
    }
    if (options.samples() / options.batches().stream().mapToInt(b -> b).min().orElse(1)
        > Integer.MAX_VALUE) {
      violations.add(new Violation("samples", options.samples() + " (expected: fewer steps)"));
    }
    if (violations.isEmpty()) {
      violations.addAll(SftCheck.check(Trial.of(options).get(0).options()));
    }
    return violations;
  }

  private static void empty(List<Violation> violations, String field, List<?> list) {
    if (list.isEmpty()) {
      violations.add(new Violation(field, "none (expected: at least one)"));
    }
  }
}
