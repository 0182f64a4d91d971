package dev.troupe.sft.internal.phases;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangSize;
import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.options.Violation;
import dev.troupe.core.report.Report;
import dev.troupe.sft.SftOptions;
import dev.troupe.sft.SftPhasedOptions;
import dev.troupe.sft.internal.ExportModel;
import dev.troupe.sft.internal.Phase;
import dev.troupe.sft.internal.SftCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Fine-tuning in phases from its options to its result. */
public final class PhasedRun {

  private PhasedRun() {}

  /** Looks at the phases, then at each as sft does. */
  public static List<Violation> check(SftPhasedOptions options) {
    if (options.phases().isEmpty()) {
      return List.of(new Violation("phases", "none (expected: at least one)"));
    }
    if (options.evalData().isEmpty()) {
      return List.of(
          new Violation("evalData", "none (expected: files of held-out rows to choose by)"));
    }
    List<PhasePlan> plans;
    try {
      plans = PhasePlan.of(options);
    } catch (IllegalArgumentException e) {
      return List.of(new Violation("phases", e.getMessage().replaceFirst("^phases: ", "")));
    }
    List<Violation> violations = new ArrayList<>();
    for (PhasePlan plan : plans) {
      for (Violation violation : SftCheck.check(plan.options())) {
        String field = violation.field().equals("data") ? "phases" : violation.field();
        Violation named = new Violation(field, violation.description());
        if (!violations.contains(named)) {
          violations.add(named);
        }
      }
    }
    return violations;
  }

  /**
   * Trains phase after phase, each from the best checkpoint of the one before.
   *
   * @param model with its commit, if it is one of the hub
   */
  public static Result run(JobContext job, SftPhasedOptions options, String model)
      throws InterruptedException {
    List<PhasePlan> plans = PhasePlan.of(options);
    List<Phase.Outcome> outcomes = new ArrayList<>();
    Optional<BlobRef> weights = Optional.empty();
    for (int i = 0; i < plans.size(); i++) {
      SftOptions phase = plans.get(i).options();
      job.log().info("phase {} of {}: {}", i + 1, plans.size(), phase.data());
      int most = Math.min(phase.workers().orElse(phase.microBatches()), phase.microBatches());
      Phase member = new Phase(phase, model, weights, options.candidates());
      outcomes.add(job.gang("phase-" + (i + 1), GangSize.upTo(most), member).get());
      weights = outcomes.get(i).weights();
    }
    String sha256 = job.submit("export", new ExportModel(model, weights, options.out())).get();
    PhasedReport.of(job, model, plans, outcomes).save(job);
    Phase.Outcome last = outcomes.get(outcomes.size() - 1);
    return Result.of("weightsSha256", sha256)
        .and("evalLossBefore", outcomes.get(0).candidateLosses().get(0))
        .and("evalLoss", last.bestLoss())
        .and("phases", lines(plans, outcomes))
        .and("out", options.out().orElse(null))
        .and("report", Report.HTML);
  }

  private static List<Map<String, Object>> lines(
      List<PhasePlan> plans, List<Phase.Outcome> outcomes) {
    List<Map<String, Object>> lines = new ArrayList<>();
    for (int i = 0; i < plans.size(); i++) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("data", plans.get(i).options().data());
      line.put("learningRate", plans.get(i).options().peakRate());
      line.put("batch", plans.get(i).options().batchRows());
      line.put("steps", last(outcomes.get(i).candidateSteps()));
      line.put("bestStep", outcomes.get(i).bestStep());
      line.put("evalLoss", outcomes.get(i).bestLoss());
      lines.add(line);
    }
    return lines;
  }

  private static long last(List<Long> steps) {
    return steps.get(steps.size() - 1);
  }
}
