package dev.troupe.sft;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Violation;
import dev.troupe.sft.internal.PinModel;
import dev.troupe.sft.internal.sweep.SweepCheck;
import dev.troupe.sft.internal.sweep.SweepRun;
import java.util.List;

/**
 * Fine-tunes with several settings side by side and says which is best. Each setting is a row of
 * gangs of one rank, from rung to rung; at a rung settings are compared, and the hopeless ones
 * named, or stopped. What a rung gave is journaled, so a sweep that lost its driver or a worker
 * goes on where it was.
 */
public final class SftSweepWorkload implements Workload<SftSweepOptions> {

  @Override
  public String name() {
    return "sft-sweep";
  }

  @Override
  public String summary() {
    return "fine-tunes with several settings side by side and stops the hopeless ones early";
  }

  @Override
  public Class<SftSweepOptions> optionsType() {
    return SftSweepOptions.class;
  }

  @Override
  public List<Violation> check(SftSweepOptions options) {
    return SweepCheck.check(options);
  }

  @Override
  public Result run(JobContext job, SftSweepOptions options) throws InterruptedException {
    return SweepRun.run(job, options, PinModel.of(job, options.model()));
  }
}
