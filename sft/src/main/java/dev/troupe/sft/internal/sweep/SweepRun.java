package dev.troupe.sft.internal.sweep;

import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.core.Result;
import dev.troupe.core.report.Report;
import dev.troupe.sft.SftSweepOptions;
import dev.troupe.sft.internal.LearningCurve;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A sweep from its options to its result. */
public final class SweepRun {

  /** One JSON object a step of a setting. */
  private static final String CURVES = "curves.jsonl";

  private SweepRun() {}

  /**
   * Trains, ranks and reports.
   *
   * @param model with its commit, if it is one of the hub
   */
  public static Result run(JobContext job, SftSweepOptions options, String model)
      throws InterruptedException {
    Race race = new Race(job, options, model);
    SweepPolicy.of(job, options).run(race);
    SweepSummary summary = new SweepSummary(race);
    saveCurves(job, race);
    SweepReport.of(job, race, summary).save(job);
    List<SweepSummary.Place> ranking = summary.ranking();
    return Result.of("best", ranking.get(0).settings())
        .and("bestLoss", finite(ranking.get(0).score()))
        .and("settings", ranking.size())
        .and("computeSaved", summary.saved())
        .and("computeSavedIfEnforced", summary.savedIfEnforced())
        .and("spearman", summary.predictions().stream().map(SweepRun::prediction).toList())
        .and("ranking", ranking.stream().map(SweepRun::place).toList())
        .and("curves", CURVES)
        .and("report", Report.HTML);
  }

  /** Loss and gradient norm of all settings against samples seen. */
  private static void saveCurves(JobContext job, Race race) {
    StringBuilder lines = new StringBuilder();
    for (Race.Runner runner : race.runners()) {
      int batch = runner.trial().batch();
      for (LearningCurve.Point point : Curve.of(job.store(), runner.history(), batch).points()) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("trial", runner.trial().number());
        line.put("step", point.step());
        line.put("samples", point.step() * batch);
        line.put("loss", point.loss());
        line.put("gradNorm", point.gradNorm());
        lines.append(Json.write(line)).append('\n');
      }
    }
    job.artifact(CURVES, lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, Object> place(SweepSummary.Place place) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("place", place.place());
    line.put("trial", place.trial());
    line.put("settings", place.settings());
    line.put("outcome", place.outcome());
    line.put("samples", place.samples());
    line.put("loss", finite(place.score()));
    return line;
  }

  private static Map<String, Object> prediction(SweepSummary.Prediction prediction) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("part", prediction.part());
    line.put("settings", prediction.settings());
    prediction.gradNorm().ifPresent(r -> line.put("gradNorm", r));
    prediction.higherLoss().ifPresent(r -> line.put("higherLoss", r));
    prediction.lowerLoss().ifPresent(r -> line.put("lowerLoss", r));
    prediction.heldOut().ifPresent(r -> line.put("heldOutLoss", r));
    return line;
  }

  /** JSON has no NaN. */
  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
