package dev.troupe.sft.internal.eval;

import dev.troupe.core.JobContext;
import dev.troupe.core.report.Report;
import dev.troupe.sft.SftEvalOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report of an evaluation. */
public final class EvalReport {

  private static final int SAMPLES = 10;
  private static final int LONGEST = 600;

  private EvalReport() {}

  /** Puts it together. */
  public static Report of(
      JobContext job, SftEvalOptions options, ModelRef model, Evaluation evaluation) {
    Map<String, Object> figures = new LinkedHashMap<>();
    evaluation.estimates().forEach(e -> figures.put(e.metric(), e.value()));
    figures.put("rows", evaluation.rows().size());
    Report report =
        new Report(
                "Evaluation: " + options.kind().name().toLowerCase(java.util.Locale.ROOT),
                "job %s, model %s, data %s"
                    .formatted(job.jobId(), model.source(), String.join(", ", options.data())))
            .figures(figures);
    table(report, evaluation);
    List<List<Object>> samples =
        evaluation.rows().stream()
            .filter(row -> !row.details().isEmpty())
            .limit(SAMPLES)
            .map(EvalReport::sample)
            .toList();
    return samples.isEmpty()
        ? report
        : report.table(
            "The first rows", List.of("row", "question", "answer", "the model's"), samples);
  }

  /** Appends the table of figures. */
  public static void table(Report report, Evaluation evaluation) {
    report.table(
        "Figures with their standard errors",
        List.of("metric", "value", "standard error", "rows"),
        evaluation.estimates().stream()
            .map(e -> List.<Object>of(e.metric(), e.value(), e.standardError(), e.rows()))
            .toList());
  }

  private static List<Object> sample(RowScore row) {
    Map<String, Object> details = row.details();
    if (details.get("choices") instanceof List<?> choices) {
      return List.of(
          row.row(),
          shortened(details.get("prompt")),
          choices.get(place(details, "answer")),
          choices.get(place(details, "chosen")));
    }
    return List.of(
        row.row(),
        shortened(details.get("prompt")),
        shortened(details.get("solution")),
        shortened(details.get("response")));
  }

  private static int place(Map<String, Object> details, String name) {
    return ((Number) details.get(name)).intValue();
  }

  /** Its end, where the question stands. */
  private static String shortened(Object value) {
    String text = String.valueOf(value);
    return text.length() <= LONGEST ? text : "... " + text.substring(text.length() - LONGEST);
  }
}
