package dev.troupe.bench;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;

/** Logs one line: what {@code bench/cli} waits for. */
public final class Hello implements Workload<Hello.Options> {

  /** None. */
  public record Options() {}

  @Override
  public String name() {
    return "bench-hello";
  }

  @Override
  public String summary() {
    return "logs one line: the time from submit to the first log";
  }

  @Override
  public Class<Options> optionsType() {
    return Options.class;
  }

  @Override
  public Result run(JobContext job, Options options) {
    job.log().info("HELLO");
    return Result.empty();
  }
}
