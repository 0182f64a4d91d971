package dev.troupe.sft.internal;

import dev.troupe.core.JobContext;
import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import dev.troupe.sft.SftOptions;
import dev.troupe.sft.internal.eval.Scores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The report of a fine-tuning job. */
public final class SftReport {

  /** Of a table of what a plot shows too. */
  private static final int ROWS = 20;

  private SftReport() {}

  /**
   * Puts it together from what the gang left in the store.
   *
   * @param model with its commit, if it is one of the hub
   */
  public static Report of(
      JobContext job, SftOptions options, String model, TrainingOutcome outcome, Scores scores) {
    History history = History.parse(job.store().get(outcome.history()));
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("loss, first step", outcome.lossFirst());
    figures.put("loss, last step", outcome.lossLast());
    outcome.heldOutBefore().ifPresent(loss -> figures.put("held-out loss before", loss));
    outcome.heldOutAfter().ifPresent(loss -> figures.put("held-out loss after", loss));
    figures.put("tokens/s", outcome.tokensPerSecond());
    figures.put("all-reduce share", Shown.percent(outcome.allReduceShare()));
    figures.put("padding", Shown.percent(outcome.paddingShare()));
    figures.put("optimizer state, rank 0", Shown.mebibytes(outcome.optimizerBytes()));
    outcome
        .peakMemoryBytes()
        .ifPresent(bytes -> figures.put("most memory, rank 0", Shown.mebibytes(bytes)));
    figures.put("steps", outcome.steps());
    figures.put("ranks at the end", history.last().ranks());
    figures.put("weights SHA-256", outcome.weightsSha256());
    Report report =
        new Report("Supervised fine-tuning", "job " + job.jobId() + ", model " + model)
            .figures(figures);
    TrainingReport.curves(report, history);
    evaluation(report, outcome, history, scores);
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
                    Shown.rate(options.peakRate()),
                    options.decay(),
                    options.warmupSteps(outcome.steps()))));
    rows.add(List.of("clip, weight decay", options.clip() + ", " + options.weightDecay()));
    rows.add(List.of("seed, threads a worker", options.seed() + ", " + options.threads()));
    return report.heading("Configuration").table("Options", List.of("option", "value"), rows);
  }

  private static void evaluation(
      Report report, TrainingOutcome outcome, History history, Scores scores) {
    List<List<Object>> heldOut = heldOut(outcome, history);
    if (heldOut.isEmpty() && scores.lines().isEmpty()) {
      return;
    }
    report.heading("Evaluation");
    if (!heldOut.isEmpty()) {
      report.plot(
          Plot.of(
              "Held-out loss",
              "step",
              "nats a token",
              heldOut.stream().map(row -> ((Long) row.get(0)).doubleValue()).toList(),
              heldOut.stream().map(row -> (Double) row.get(1)).toList()));
    }
    scores.plots().forEach(report::plot);
    if (!heldOut.isEmpty()) {
      report.table(
          "Held-out rows, nats a token",
          List.of("step", "loss", "change since the start"),
          thinned(heldOut));
    }
    scores.table(report);
  }

  /** The loss before training, after each step at which it was measured, and after the last. */
  private static List<List<Object>> heldOut(TrainingOutcome outcome, History history) {
    if (outcome.heldOutBefore().isEmpty() || outcome.heldOutAfter().isEmpty()) {
      return List.of();
    }
    double before = outcome.heldOutBefore().get();
    SortedMap<Long, Double> losses = new TreeMap<>();
    losses.put(0L, before);
    history.steps().forEach(s -> s.evalLoss().ifPresent(loss -> losses.put(s.step(), loss)));
    losses.put(outcome.steps(), outcome.heldOutAfter().get());
    List<List<Object>> rows = new ArrayList<>();
    losses.forEach((step, loss) -> rows.add(List.of(step, loss, loss - before)));
    return rows;
  }

  /** At most {@link #ROWS} rows, first and last among them. */
  private static List<List<Object>> thinned(List<List<Object>> rows) {
    int last = rows.size() - 1;
    int most = Math.min(ROWS, rows.size());
    return IntStream.range(0, most)
        .mapToObj(i -> rows.get((int) Math.round((double) i * last / Math.max(1, most - 1))))
        .toList();
  }
}
