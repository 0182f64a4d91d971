package dev.troupe.examples;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.Min;
import java.util.List;
import java.util.SplittableRandom;

/** Estimates π by the share of random points that fall within a circle: a fan-out of tasks. */
public final class MonteCarloPi implements Workload<MonteCarloPi.Options> {

  /** What a user can set. */
  public record Options(
      @Doc("how many tasks share the work") @Default("8") @Min(1) int tasks,
      @Doc("points drawn by each task") @Default("1000000") @Min(1) long samplesPerTask,
      @Doc("the same seed gives the same estimate, on any number of workers") @Default("1")
          long seed) {}

  /** Draws points in the unit square and counts those within the quarter circle. */
  public record Sample(long seed, long samples) implements Task<Long> {
    @Override
    public Long run(TaskContext context) {
      SplittableRandom random = new SplittableRandom(seed);
      long hits = 0;
      for (long i = 0; i < samples; i++) {
        double x = random.nextDouble();
        double y = random.nextDouble();
        hits += x * x + y * y < 1 ? 1 : 0;
      }
      return hits;
    }
  }

  @Override
  public String name() {
    return "pi";
  }

  @Override
  public String summary() {
    return "estimates pi with random points";
  }

  @Override
  public Class<Options> optionsType() {
    return Options.class;
  }

  @Override
  public Result run(JobContext job, Options options) throws InterruptedException {
    List<Long> hits =
        job.fanOut(
            "sample",
            options.tasks(),
            i -> new Sample(options.seed() + i, options.samplesPerTask()));
    long points = options.tasks() * options.samplesPerTask();
    double pi = 4.0 * hits.stream().mapToLong(Long::longValue).sum() / points;
    job.log().info("pi is about {} after {} points", pi, points);
    return Result.of("pi", pi).and("points", points);
  }
}
