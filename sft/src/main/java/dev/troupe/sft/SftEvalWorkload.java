package dev.troupe.sft;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Violation;
import dev.troupe.core.report.Report;
import dev.troupe.sft.internal.PinModel;
import dev.troupe.sft.internal.eval.Estimate;
import dev.troupe.sft.internal.eval.EvalCheck;
import dev.troupe.sft.internal.eval.EvalReport;
import dev.troupe.sft.internal.eval.Evaluation;
import dev.troupe.sft.internal.eval.ModelRef;
import java.util.List;

/**
 * Evaluates a model: a fan-out of tasks over the rows of a benchmark, by the rules of
 * lm-evaluation-harness, with a standard error beside each figure. Workers keep the model between
 * tasks; a worker that dies costs its rows alone.
 */
public final class SftEvalWorkload implements Workload<SftEvalOptions> {

  @Override
  public String name() {
    return "sft-eval";
  }

  @Override
  public String summary() {
    return "evaluates a model: loss, multiple choice (ARC, MMLU, BoolQ, ...), GSM8K";
  }

  @Override
  public Class<SftEvalOptions> optionsType() {
    return SftEvalOptions.class;
  }

  @Override
  public List<Violation> check(SftEvalOptions options) {
    return EvalCheck.check(options);
  }

  @Override
  public Result run(JobContext job, SftEvalOptions options) throws InterruptedException {
    ModelRef model = ModelRef.of(PinModel.of(job, options.model()));
    Evaluation evaluation = Evaluation.run(job, "eval", options, model);
    evaluation.saveItems(job, Evaluation.ITEMS);
    EvalReport.of(job, options, model, evaluation).save(job);
    Result result = Result.empty();
    for (Estimate estimate : evaluation.estimates()) {
      result =
          result
              .and(estimate.metric(), estimate.value())
              .and(estimate.metric() + "_stderr", estimate.standardError());
    }
    return result
        .and("rows", evaluation.rows().size())
        .and("droppedRows", evaluation.dropped())
        .and("items", Evaluation.ITEMS)
        .and("report", Report.HTML);
  }
}
