package dev.troupe.sft.internal.eval;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.sft.SftEvalOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An evaluation as a driver sees it: one task reads the rows, then a fan-out of tasks measures
 * them, a chunk each.
 *
 * @param rows in the order of the files
 * @param dropped rows longer than the model's context, which are left out
 */
public record Evaluation(List<RowScore> rows, int dropped) {

  /** The usual name of the artifact with one JSON object a row. */
  public static final String ITEMS = "items.jsonl";

  /**
   * Runs it.
   *
   * @param prefix of the keys of its tasks
   */
  public static Evaluation run(
      JobContext job, String prefix, SftEvalOptions options, ModelRef model)
      throws InterruptedException {
    return start(job, prefix, options, model, read(job, prefix, options, model)).await(job);
  }

  /** Has the rows read; any model with the same tokenizer may be measured with them. */
  static ReadRows.Rows read(JobContext job, String prefix, SftEvalOptions options, ModelRef model)
      throws InterruptedException {
    ReadRows.Rows read = job.submit(prefix + "/rows", new ReadRows(options, model)).get();
    if (read.dropped() > 0) {
      job.log().info("{} rows are longer than the model's context and left out", read.dropped());
    }
    return read;
  }

  /** Hands out the tasks. */
  static Running start(
      JobContext job, String prefix, SftEvalOptions options, ModelRef model, ReadRows.Rows read) {
    List<Handle<BlobRef>> handles = new ArrayList<>();
    for (BlobRef chunk : read.chunks()) {
      handles.add(job.submit(prefix + "/" + handles.size(), new Evaluate(options, model, chunk)));
    }
    return new Running(read, handles);
  }

  /** An evaluation whose tasks are under way. */
  record Running(ReadRows.Rows read, List<Handle<BlobRef>> handles) {

    Evaluation await(JobContext job) throws InterruptedException {
      List<RowScore> rows = new ArrayList<>();
      for (Handle<BlobRef> handle : handles) {
        job.progress().report("evaluate", rows.size(), read.count());
        rows.addAll(RowScore.load(job.store(), handle.get()));
      }
      job.progress().report("evaluate", rows.size(), read.count());
      return new Evaluation(rows, read.dropped());
    }
  }

  /** The figures. */
  public List<Estimate> estimates() {
    return Estimate.of(rows);
  }

  /** Leaves a line a row among the job's artifacts. */
  public BlobRef saveItems(JobContext job, String name) {
    String lines = rows.stream().map(row -> Json.write(row) + "\n").collect(Collectors.joining());
    return job.artifact(name, lines.getBytes(StandardCharsets.UTF_8));
  }
}
