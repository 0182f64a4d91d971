package dev.troupe.dist.testkit;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.Min;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A fan-out whose tasks each leave a line in a file, so that a test can count how often each was
 * run.
 */
public final class Tally implements Workload<Tally.Options> {

  /** How much, how long, and where the lines go. */
  public record Options(
      @Doc("tasks in all") @Min(1) int tasks,
      @Doc("tasks at a time; the driver waits for all of a round before the next")
          @Default("20")
          @Min(1)
          int round,
      @Doc("milliseconds that a task takes") @Default("20") @Min(0) long millis,
      @Doc("the file to write to") String file) {}

  /** Writes its number and returns it. */
  public record Line(int number, long millis, String file) implements Task<Integer> {
    @Override
    public Integer run(TaskContext context) throws IOException, InterruptedException {
      Thread.sleep(millis);
      Files.writeString(
          Path.of(file), number + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      return number;
    }
  }

  @Override
  public String name() {
    return "tally";
  }

  @Override
  public String summary() {
    return "counts how often each of its tasks was run (for tests)";
  }

  @Override
  public Class<Options> optionsType() {
    return Options.class;
  }

  @Override
  public Result run(JobContext job, Options options) throws InterruptedException {
    long sum = 0;
    for (int from = 0; from < options.tasks(); from += options.round()) {
      int first = from;
      List<Integer> numbers =
          job.fanOut(
              "round-" + from,
              Math.min(options.round(), options.tasks() - from),
              i -> new Line(first + i, options.millis(), options.file()));
      sum += numbers.stream().mapToLong(Integer::longValue).sum();
      job.progress()
          .report("tally", Math.min(first + options.round(), options.tasks()), options.tasks());
      job.log().info("{} tasks done", Math.min(first + options.round(), options.tasks()));
    }
    return Result.of("sum", sum);
  }
}
