package dev.troupe.bench;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.Min;
import java.util.Arrays;

/**
 * Measures what the cluster itself costs: many tasks at once that do nothing (throughput), and one
 * after the other (round-trip latency, from {@code submit} to the result in the driver's hands, the
 * journal included). Peer: {@code bench/peers/ray_tasks.py}.
 */
public final class EmptyTasks implements Workload<EmptyTasks.Options> {

  /** What to measure. */
  public record Options(
      @Doc("tasks of the fan-out") @Default("20000") @Min(1) int tasks,
      @Doc("tasks of the fan-out before it, not counted") @Default("20000") @Min(0) int warmup,
      @Doc("tasks run one after the other, and as many before them, not counted")
          @Default("1000")
          @Min(1)
          int roundTrips) {}

  /** Returns its number. */
  public record Empty(int number) implements Task<Integer> {
    @Override
    public Integer run(TaskContext context) {
      return number;
    }
  }

  @Override
  public String name() {
    return "bench-tasks";
  }

  @Override
  public String summary() {
    return "empty tasks: throughput and round-trip latency of the cluster";
  }

  @Override
  public Class<Options> optionsType() {
    return Options.class;
  }

  @Override
  public Result run(JobContext job, Options options) throws InterruptedException {
    job.fanOut("warm-up", options.warmup(), Empty::new);
    long start = System.nanoTime();
    job.fanOut("task", options.tasks(), Empty::new);
    double seconds = (System.nanoTime() - start) / 1e9;

    roundTrips(job, "warm-up trip", options.roundTrips());
    double[] millis = roundTrips(job, "trip", options.roundTrips());
    Arrays.sort(millis);
    return Result.of("tasks", options.tasks())
        .and("seconds", seconds)
        .and("tasksPerSecond", options.tasks() / seconds)
        .and("roundTripMillisMedian", millis[millis.length / 2])
        .and("roundTripMillisP99", millis[(int) (millis.length * 0.99)]);
  }

  private static double[] roundTrips(JobContext job, String prefix, int count)
      throws InterruptedException {
    double[] millis = new double[count];
    for (int i = 0; i < count; i++) {
      long from = System.nanoTime();
      job.submit(prefix + "/" + i, new Empty(i)).get();
      millis[i] = (System.nanoTime() - from) / 1e6;
    }
    return millis;
  }
}
