package dev.troupe.sft.internal;

import dev.troupe.core.JobContext;
import dev.troupe.core.report.Report;
import dev.troupe.sft.DemoOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report of a demonstration. */
public final class DemoReport {

  private DemoReport() {}

  /** Puts it together. */
  public static Report of(
      JobContext job,
      DemoOptions options,
      TrainingOutcome outcome,
      DemoScores before,
      DemoScores after) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("exact match before", Shown.percent(before.exactMatch()));
    figures.put("exact match after", Shown.percent(after.exactMatch()));
    figures.put("held-out loss before", before.loss());
    figures.put("held-out loss after", after.loss());
    figures.put("tokens/s", outcome.tokensPerSecond());
    figures.put("all-reduce share", Shown.percent(outcome.allReduceShare()));
    figures.put("weights SHA-256", outcome.weightsSha256());
    Report report =
        new Report(
                "Demonstration: a small language model learns to follow instructions",
                "job %s, seed %d, %d steps of %d rows"
                    .formatted(job.jobId(), options.seed(), options.steps(), options.batch()))
            .figures(figures)
            .heading("Held-out prompts")
            .table(
                "Answers that are right to the last character",
                List.of("kind", "prompts", "before", "after"),
                DemoScores.perKind(before, after).stream()
                    .map(
                        k ->
                            List.of(
                                k.kind(),
                                k.prompts(),
                                Shown.percent(k.exactMatchBefore()),
                                Shown.percent(k.exactMatchAfter())))
                    .toList())
            .table(
                "Samples",
                List.of("prompt", "answer", "expected"),
                after.samples().stream()
                    .map(s -> List.of(s.prompt(), s.answer(), s.expected()))
                    .toList());
    TrainingReport.curves(report, History.parse(job.store().get(outcome.history())));
    return report;
  }
}
