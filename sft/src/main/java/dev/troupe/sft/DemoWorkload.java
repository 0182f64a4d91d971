package dev.troupe.sft;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangSize;
import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.report.Report;
import dev.troupe.sft.internal.DemoEvaluation;
import dev.troupe.sft.internal.DemoEvaluation.KindScore;
import dev.troupe.sft.internal.DemoMember;
import dev.troupe.sft.internal.DemoReport;
import dev.troupe.sft.internal.DemoScores;
import dev.troupe.sft.internal.DemoTasks;
import dev.troupe.sft.internal.TrainingOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The demonstration: a language model of about a million parameters learns several kinds of small
 * text tasks from nothing, on all workers together, and answers prompts that it has never seen.
 * Everything it needs is made by the program from a seed. The driver has three parts: a fan-out of
 * tasks that evaluates the untrained model, a gang that trains it, the same fan-out again.
 */
public final class DemoWorkload implements Workload<DemoOptions> {

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public String summary() {
    return "trains a small language model from nothing and shows what it has learned";
  }

  @Override
  public Class<DemoOptions> optionsType() {
    return DemoOptions.class;
  }

  @Override
  public Result run(JobContext job, DemoOptions options) throws Exception {
    DemoScores before = evaluate(job, options, "before", Optional.empty());
    GangSize size = GangSize.upTo(Math.min(options.workers(), DemoMember.MICRO_BATCHES));
    TrainingOutcome outcome = job.gang("train", size, new DemoMember(options)).get();
    DemoScores after = evaluate(job, options, "after", outcome.weights());
    DemoReport.of(job, options, outcome, before, after).save(job);
    return Result.of("lossBefore", before.loss())
        .and("lossAfter", after.loss())
        .and("exactMatchBefore", before.exactMatch())
        .and("exactMatchAfter", after.exactMatch())
        .and("perKind", DemoScores.perKind(before, after))
        .and("tokensPerSecond", outcome.tokensPerSecond())
        .and("allReduceShare", outcome.allReduceShare())
        .and("steps", outcome.steps())
        .and("weightsSha256", outcome.weightsSha256())
        .and("report", Report.HTML)
        .and("samples", after.samples());
  }

  private static DemoScores evaluate(
      JobContext job, DemoOptions options, String when, Optional<BlobRef> weights)
      throws InterruptedException {
    String phase = "evaluate " + when;
    List<Handle<KindScore>> handles = new ArrayList<>();
    for (String kind : DemoTasks.kinds()) {
      handles.add(job.submit(when + "/" + kind, new DemoEvaluation(options.seed(), kind, weights)));
    }
    List<KindScore> scores = new ArrayList<>();
    for (Handle<KindScore> handle : handles) {
      job.progress().report(phase, scores.size(), handles.size());
      scores.add(handle.get());
    }
    job.progress().report(phase, scores.size(), handles.size());
    return new DemoScores(scores);
  }
}
