package dev.troupe.sft.internal.eval;

import dev.troupe.core.BlobRef;
import dev.troupe.core.JobContext;
import dev.troupe.core.options.Violation;
import dev.troupe.sft.SftEvalOptions;
import dev.troupe.sft.SftOptions;
import dev.troupe.sft.internal.eval.Evaluation.Running;
import dev.troupe.sft.internal.eval.Scores.Line;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Puts the model of a fine-tuning job to its benchmarks. Rows are read once, before training, so
 * that all steps are measured with the same ones and a bad file is found before hours of training.
 * Every measurement is tasks of the job: spread over its workers, journaled, and run by the same
 * code as {@code sft-eval}.
 */
public final class Benchmarks {

  private final JobContext job;
  private final String model;
  private final List<Benchmark> benchmarks;
  private final List<ReadRows.Rows> rows = new ArrayList<>();
  private final List<Line> lines = new ArrayList<>();

  private Benchmarks(JobContext job, String model, List<Benchmark> benchmarks) {
    this.job = job;
    this.model = model;
    this.benchmarks = benchmarks;
  }

  /** What is wrong with the options, as far as it can be known before a run. */
  public static List<Violation> check(SftOptions options) {
    return Benchmark.check(options);
  }

  /**
   * Reads the rows and measures the model before training.
   *
   * @param model with its commit, if it is one of the hub
   */
  public static Benchmarks begin(JobContext job, SftOptions options, String model)
      throws InterruptedException {
    Benchmarks all = new Benchmarks(job, model, Benchmark.of(options));
    ModelRef before = ModelRef.of(model);
    for (int i = 0; i < all.benchmarks.size(); i++) {
      SftEvalOptions one = all.benchmarks.get(i).options();
      all.rows.add(Evaluation.read(job, prefix(i), one, before));
    }
    all.measure(new TreeMap<>(Map.of(0L, before)));
    return all;
  }

  /**
   * Measures exported models, all side by side, and leaves what was found among the artifacts.
   *
   * @param exports the files of each, by step
   */
  public Scores after(SortedMap<Long, Map<String, BlobRef>> exports) throws InterruptedException {
    SortedMap<Long, ModelRef> models = new TreeMap<>();
    exports.forEach((step, files) -> models.put(step, new ModelRef(model, files)));
    measure(models);
    Scores scores = new Scores(List.copyOf(lines));
    if (!benchmarks.isEmpty()) {
      scores.save(job);
    }
    return scores;
  }

  private void measure(SortedMap<Long, ModelRef> models) throws InterruptedException {
    List<Running> running = new ArrayList<>();
    for (Map.Entry<Long, ModelRef> step : models.entrySet()) {
      for (int i = 0; i < benchmarks.size(); i++) {
        running.add(
            Evaluation.start(
                job,
                prefix(i) + "/step-" + step.getKey(),
                benchmarks.get(i).options(),
                step.getValue(),
                rows.get(i)));
      }
    }
    int next = 0;
    for (long step : models.keySet()) {
      for (int i = 0; i < benchmarks.size(); i++) {
        add(step, i, running.get(next++).await(job));
      }
    }
  }

  private void add(long step, int benchmark, Evaluation evaluation) {
    evaluation.saveItems(job, "%s/step-%d.jsonl".formatted(prefix(benchmark), step));
    String name = benchmarks.get(benchmark).name();
    for (Estimate e : evaluation.estimates()) {
      lines.add(new Line(step, name, e.metric(), e.value(), e.standardError(), e.rows()));
    }
  }

  /** Of keys and artifacts. */
  private static String prefix(int benchmark) {
    return "benchmark-" + (benchmark + 1);
  }
}
