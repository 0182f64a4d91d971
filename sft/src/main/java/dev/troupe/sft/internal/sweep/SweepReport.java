package dev.troupe.sft.internal.sweep;

import dev.troupe.core.JobContext;
import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import dev.troupe.sft.internal.Shown;
import dev.troupe.sft.internal.sweep.Race.Runner;
import dev.troupe.sft.internal.sweep.SweepSummary.Prediction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;

/** The report of a sweep. */
final class SweepReport {

  /** A plot of more lines could not be read; the best are shown. */
  private static final int LINES = 6;

  private SweepReport() {}

  static Report of(JobContext job, Race race, SweepSummary summary) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("settings", race.runners().size());
    figures.put("compute saved", Shown.percent(summary.saved()));
    figures.put("saved if enforced", Shown.percent(summary.savedIfEnforced()));
    figures.put("best", summary.ranking().get(0).settings());
    Report report =
        new Report("Sweep of fine-tuning settings", "job " + job.jobId())
            .figures(figures)
            .table(
                "Ranking; loss is held-out loss where there are held-out rows, else training loss",
                List.of("place", "trial", "settings", "outcome", "samples", "loss"),
                summary.ranking().stream()
                    .map(
                        p ->
                            List.<Object>of(
                                p.place(),
                                p.trial(),
                                p.settings(),
                                p.outcome(),
                                p.samples(),
                                p.score()))
                    .toList());
    predictions(report, summary.predictions());
    curves(report, job, race, summary);
    return report;
  }

  private static void predictions(Report report, List<Prediction> predictions) {
    List<Plot.Line> lines = new ArrayList<>();
    add(lines, "lower gradient norm", predictions, Prediction::gradNorm);
    add(lines, "higher loss", predictions, Prediction::higherLoss);
    add(lines, "lower loss", predictions, Prediction::lowerLoss);
    add(lines, "lower held-out loss", predictions, Prediction::heldOut);
    report.heading("How well the early order tells the final one");
    if (lines.isEmpty()) {
      report.text(
          "Fewer than three settings were trained to the end: there is no order to compare.");
      return;
    }
    report
        .table(
            "Spearman's correlation of the order at a rung with the final one; 1: the same",
            List.of(
                "part of samples",
                "settings",
                "gradient norm",
                "higher loss",
                "lower loss",
                "held-out loss"),
            predictions.stream()
                .map(
                    p ->
                        List.<Object>of(
                            p.part(),
                            p.settings(),
                            cell(p.gradNorm()),
                            cell(p.higherLoss()),
                            cell(p.lowerLoss()),
                            cell(p.heldOut())))
                .toList())
        .plot(
            new Plot(
                "Spearman's correlation with the final order",
                "part of samples",
                "correlation",
                lines));
  }

  private static Object cell(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : "";
  }

  private static void add(
      List<Plot.Line> lines,
      String name,
      List<Prediction> predictions,
      Function<Prediction, OptionalDouble> figure) {
    List<Prediction> present =
        predictions.stream().filter(p -> figure.apply(p).isPresent()).toList();
    if (!present.isEmpty()) {
      lines.add(
          new Plot.Line(
              name,
              present.stream().map(Prediction::part).toList(),
              present.stream().map(p -> figure.apply(p).getAsDouble()).toList()));
    }
  }

  private static void curves(Report report, JobContext job, Race race, SweepSummary summary) {
    List<Plot.Line> losses = new ArrayList<>();
    List<Plot.Line> norms = new ArrayList<>();
    List<Plot.Line> heldOut = new ArrayList<>();
    for (SweepSummary.Place place :
        summary.ranking().subList(0, Math.min(LINES, summary.ranking().size()))) {
      Runner runner = race.runners().get(place.trial());
      Curve curve = Curve.of(job.store(), runner.history(), runner.trial().batch());
      String name = "trial " + place.trial();
      losses.add(curve.losses(name));
      norms.add(curve.gradNorms(name));
      List<RungResult> measured =
          runner.results().stream().filter(r -> r.heldOut().isPresent()).toList();
      if (!measured.isEmpty()) {
        heldOut.add(
            new Plot.Line(
                name,
                measured.stream().map(r -> (double) r.samples()).toList(),
                measured.stream().map(r -> r.heldOut().orElseThrow()).toList()));
      }
    }
    report
        .heading("The best %d settings".formatted(losses.size()))
        .plot(new Plot("Training loss", "samples", "nats a token", losses))
        .plot(new Plot("Gradient norm", "samples", "before clipping", norms));
    if (!heldOut.isEmpty()) {
      report.plot(new Plot("Held-out loss", "samples", "nats a token", heldOut));
    }
  }
}
