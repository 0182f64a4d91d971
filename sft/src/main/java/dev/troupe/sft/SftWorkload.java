package dev.troupe.sft;

import dev.troupe.core.GangSize;
import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Violation;
import dev.troupe.core.report.Report;
import dev.troupe.sft.internal.DataSummary;
import dev.troupe.sft.internal.PinModel;
import dev.troupe.sft.internal.Preview;
import dev.troupe.sft.internal.SftCheck;
import dev.troupe.sft.internal.SftMember;
import dev.troupe.sft.internal.SftReport;
import dev.troupe.sft.internal.TrainingOutcome;
import dev.troupe.sft.internal.eval.Benchmarks;
import dev.troupe.sft.internal.eval.Scores;
import java.util.ArrayList;
import java.util.List;

/**
 * Fine-tunes a checkpoint of a causal language model on rows of instructions and answers, of which
 * the answers alone are learned, or of plain text. One gang does the work: each rank computes the
 * gradients of its micro-batches, their sum is taken in an order that does not depend on the ranks,
 * so the weights that come out are the same bits for any number of workers and through any crash
 * (design, "elastic determinism").
 */
public final class SftWorkload implements Workload<SftOptions> {

  @Override
  public String name() {
    return "sft";
  }

  @Override
  public String summary() {
    return "fine-tunes a Hugging Face checkpoint on chat, prompt/completion or text rows";
  }

  @Override
  public Class<SftOptions> optionsType() {
    return SftOptions.class;
  }

  @Override
  public List<Violation> check(SftOptions options) {
    List<Violation> violations = new ArrayList<>(SftCheck.check(options));
    violations.addAll(Benchmarks.check(options));
    return violations;
  }

  @Override
  public Result run(JobContext job, SftOptions options) throws Exception {
    String model = PinModel.of(job, options.model());
    return options.preview() > 0 ? preview(job, options, model) : train(job, options, model);
  }

  private static Result preview(JobContext job, SftOptions options, String model)
      throws InterruptedException {
    Preview.Shown shown = job.submit("preview", new Preview(options, model)).get();
    return data(
        Result.of("preview", String.join(Preview.SEPARATOR, shown.examples())), shown.data());
  }

  private static Result train(JobContext job, SftOptions options, String model) throws Exception {
    int most = Math.min(options.workers().orElse(options.microBatches()), options.microBatches());
    GangSize size = new GangSize(Math.min(options.minWorkers(), most), most);
    Benchmarks benchmarks = Benchmarks.begin(job, options, model);
    TrainingOutcome outcome = job.gang("train", size, new SftMember(options, model)).get();
    Scores scores = benchmarks.after(outcome.exportsAndModel());
    SftReport.of(job, options, model, outcome, scores).save(job);
    Result result =
        Result.of("weightsSha256", outcome.weightsSha256())
            .and("steps", outcome.steps())
            .and("lossFirst", outcome.lossFirst())
            .and("lossLast", outcome.lossLast());
    if (outcome.heldOutAfter().isPresent()) {
      result =
          result
              .and("evalLossBefore", outcome.heldOutBefore().orElse(null))
              .and("evalLoss", outcome.heldOutAfter().get());
    }
    if (!scores.lines().isEmpty()) {
      result = result.and("scores", scores.changes());
    }
    result =
        result
            .and("tokensPerSecond", outcome.tokensPerSecond())
            .and("allReduceShare", outcome.allReduceShare())
            .and("paddingShare", outcome.paddingShare())
            .and("optimizerBytes", outcome.optimizerBytes())
            .and("peakMemoryBytes", outcome.peakMemoryBytes().orElse(null));
    return data(result, outcome.data())
        .and("out", options.out().orElse(null))
        .and("report", Report.HTML);
  }

  private static Result data(Result result, DataSummary data) {
    return result
        .and("rows", data.rows())
        .and("droppedRows", data.dropped())
        .and("tokens", data.tokens())
        .and("learnedTokens", data.learned())
        .and("rowTokens", data.lengths());
  }
}
