package dev.troupe.sft.internal.eval;

import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What benchmarks say of a model at several steps of its training.
 *
 * @param lines by step, then in the order of the benchmarks
 */
public record Scores(List<Line> lines) {

  /** The name of the artifact: a line a figure. */
  public static final String FILE = "scores.jsonl";

  /** A figure of a benchmark at a step; 0 is the model before training. */
  public record Line(
      long step, String benchmark, String metric, double value, double standardError, int rows) {

    private List<String> key() {
      return List.of(benchmark, metric);
    }
  }

  /** A figure of a benchmark, first and last. */
  public record Change(
      String benchmark,
      String metric,
      double before,
      double beforeStderr,
      double after,
      double afterStderr,
      int rows) {}

  /** One line for each figure of each benchmark. */
  public List<Change> changes() {
    return byFigure().values().stream()
        .map(
            steps -> {
              Line first = steps.get(0);
              Line last = steps.get(steps.size() - 1);
              return new Change(
                  first.benchmark(),
                  first.metric(),
                  first.value(),
                  first.standardError(),
                  last.value(),
                  last.standardError(),
                  first.rows());
            })
        .toList();
  }

  /** Leaves {@link #FILE} among the job's artifacts. */
  public void save(JobContext job) {
    String text = lines.stream().map(line -> Json.write(line) + "\n").collect(Collectors.joining());
    job.artifact(FILE, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Appends a table of what changed, if anything was measured. */
  public void table(Report report) {
    if (lines.isEmpty()) {
      return;
    }
    report.table(
        "Benchmarks, with standard errors",
        List.of("benchmark", "metric", "before", "±", "after", "±", "change", "rows"),
        changes().stream()
            .map(
                c ->
                    List.<Object>of(
                        c.benchmark(),
                        c.metric(),
                        c.before(),
                        c.beforeStderr(),
                        c.after(),
                        c.afterStderr(),
                        c.after() - c.before(),
                        c.rows()))
            .toList());
  }

  /**
   * A plot for each metric, a line in it for each benchmark; none if there are no steps between the
   * first and the last.
   */
  public List<Plot> plots() {
    if (lines.stream().map(Line::step).distinct().count() <= 2) {
      return List.of();
    }
    Map<String, List<Plot.Line>> byMetric = new LinkedHashMap<>();
    byFigure()
        .forEach(
            (figure, steps) ->
                byMetric
                    .computeIfAbsent(steps.get(0).metric(), metric -> new ArrayList<>())
                    .add(line(steps)));
    return byMetric.entrySet().stream()
        .map(e -> new Plot("Benchmarks: " + e.getKey(), "step", e.getKey(), e.getValue()))
        .toList();
  }

  private static Plot.Line line(List<Line> steps) {
    return new Plot.Line(
        steps.get(0).benchmark(),
        steps.stream().map(s -> (double) s.step()).toList(),
        steps.stream().map(Line::value).toList());
  }

  private Map<List<String>, List<Line>> byFigure() {
    return lines.stream()
        .collect(Collectors.groupingBy(Line::key, LinkedHashMap::new, Collectors.toList()));
  }
}
