package dev.troupe.sft.internal.phases;

import dev.troupe.core.JobContext;
import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import dev.troupe.sft.SftOptions;
import dev.troupe.sft.internal.LearningCurve;
import dev.troupe.sft.internal.LearningCurve.Point;
import dev.troupe.sft.internal.Phase;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The report of a run in phases. Its curves go over the samples of all phases, one behind the
 * other.
 */
final class PhasedReport {

  private final JobContext job;
  private final List<Plot.Line> heldOut = new ArrayList<>();
  private final List<Plot.Line> losses = new ArrayList<>();
  private final List<Plot.Line> norms = new ArrayList<>();
  private final List<List<Object>> rows = new ArrayList<>();

  /** Samples before the next phase. */
  private long samples;

  private PhasedReport(JobContext job) {
    this.job = job;
  }

  static Report of(
      JobContext job, String model, List<PhasePlan> plans, List<Phase.Outcome> outcomes) {
    PhasedReport report = new PhasedReport(job);
    for (int i = 0; i < plans.size(); i++) {
      report.add(i + 1, plans.get(i).options(), outcomes.get(i));
    }
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("held-out loss before", outcomes.get(0).candidateLosses().get(0));
    figures.put("held-out loss after", outcomes.get(outcomes.size() - 1).bestLoss());
    figures.put("samples", report.samples);
    return new Report("Fine-tuning in phases", "job " + job.jobId() + ", model " + model)
        .figures(figures)
        .table(
            "Each phase begins with the best checkpoint of the one before",
            List.of(
                "phase", "data", "batch", "learning rate", "steps", "best step", "held-out loss"),
            report.rows)
        .plot(plot("Held-out loss", "nats a token", report.heldOut))
        .plot(plot("Training loss", "nats a token", report.losses))
        .plot(plot("Gradient norm", "before clipping", report.norms));
  }

  private static Plot plot(String title, String unit, List<Plot.Line> lines) {
    return new Plot(title, "samples", unit, lines);
  }

  private void add(int phase, SftOptions options, Phase.Outcome outcome) {
    int batch = options.batchRows();
    List<Long> steps = outcome.candidateSteps();
    long last = steps.get(steps.size() - 1);
    rows.add(
        List.of(
            phase,
            String.join(", ", options.data()),
            batch,
            options.peakRate(),
            last,
            outcome.bestStep(),
            outcome.bestLoss()));
    String name = "phase " + phase;
    List<Double> measuredAt = steps.stream().map(step -> at(step, batch)).toList();
    heldOut.add(new Plot.Line(name, measuredAt, outcome.candidateLosses()));
    List<Point> curve = LearningCurve.of(job.store().get(outcome.history()));
    losses.add(line(name, curve, batch, Point::loss));
    norms.add(line(name, curve, batch, Point::gradNorm));
    samples += last * batch;
  }

  private Plot.Line line(
      String name, List<Point> curve, int batch, ToDoubleFunction<Point> figure) {
    return new Plot.Line(
        name,
        curve.stream().map(point -> at(point.step(), batch)).toList(),
        curve.stream().map(figure::applyAsDouble).toList());
  }

  private double at(long step, int batch) {
    return samples + (double) step * batch;
  }
}
