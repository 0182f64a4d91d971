package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.core.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A fan-out of tasks of about even cost, which says when it will end. */
final class Phase {

  private Phase() {}

  static <R> List<R> run(JobContext job, String name, List<? extends Task<R>> tasks)
      throws InterruptedException {
    List<Handle<R>> handles = new ArrayList<>(tasks.size());
    for (Task<R> task : tasks) {
      handles.add(job.submit(name + "/" + handles.size(), task));
    }
    job.progress().report(name, 0, tasks.size());
    long start = System.nanoTime();
    List<R> results = new ArrayList<>(tasks.size());
    for (Handle<R> handle : handles) {
      results.add(handle.get());
      double seconds = (System.nanoTime() - start) * 1e-9;
      double left = seconds / results.size() * (tasks.size() - results.size());
      job.progress()
          .report(
              name, results.size(), tasks.size(), Map.of("secondsLeft", (double) Math.round(left)));
    }
    return results;
  }
}
