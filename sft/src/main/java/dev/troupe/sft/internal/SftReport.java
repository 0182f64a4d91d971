package dev.troupe.sft.internal;

import dev.troupe.core.JobContext;
import dev.troupe.core.report.Report;
import dev.troupe.sft.SftOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report of a fine-tuning job. */
public final class SftReport {

  private SftReport() {}

  /**
   * Puts it together from what the gang left in the store.
   *
   * @param model with its commit, if it is one of the hub
   */
  public static Report of(
      JobContext job, SftOptions options, String model, TrainingOutcome outcome) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("loss, first step", outcome.lossFirst());
    figures.put("loss, last step", outcome.lossLast());
    outcome.heldOutBefore().ifPresent(loss -> figures.put("held-out loss before", loss));
    outcome.heldOutAfter().ifPresent(loss -> figures.put("held-out loss after", loss));
    figures.put("tokens/s", outcome.tokensPerSecond());
    figures.put("all-reduce share", percent(outcome.allReduceShare()));
    figures.put("padding", percent(outcome.paddingShare()));
    figures.put("optimizer state, rank 0, bytes", outcome.optimizerBytes());
    outcome
        .peakMemoryBytes()
        .ifPresent(bytes -> figures.put("most memory of rank 0's process, bytes", bytes));
    figures.put("steps", outcome.steps());
    figures.put("weights SHA-256", outcome.weightsSha256());
    Report report =
        new Report("Supervised fine-tuning", "job " + job.jobId() + ", model " + model)
            .figures(figures);
    TrainingReport.curves(report, History.parse(job.store().get(outcome.history())));
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("data", String.join(", ", options.data())));
    rows.add(List.of("rows", outcome.data().toString()));
    rows.add(
        List.of("batch", options.batchRows() + " rows in " + options.microBatches() + " pieces"));
    rows.add(
        List.of(
            "precision, packed, recomputed",
            options.precision() + ", " + options.packing() + ", " + options.recompute()));
    if (options.loraRank() > 0) {
      rows.add(List.of("rank of adapters", options.loraRank() + " " + options.loraTargets()));
    }
    if (options.ema() > 0) {
      rows.add(List.of("average of weights", String.valueOf(options.ema())));
    }
    rows.add(
        List.of(
            "learning rate",
            "%s, %s after %d steps of warm-up"
                .formatted(
                    options.peakRate(), options.decay(), options.warmupSteps(outcome.steps()))));
    rows.add(List.of("clip, weight decay", options.clip() + ", " + options.weightDecay()));
    rows.add(List.of("seed, threads a worker", options.seed() + ", " + options.threads()));
    return report.heading("Configuration").table("Options", List.of("option", "value"), rows);
  }

  /** As in {@code 3.1 %}. */
  static String percent(double part) {
    return "%.1f %%".formatted(100 * part);
  }
}
