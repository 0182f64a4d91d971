package dev.troupe.sft;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Violation;
import dev.troupe.sft.internal.PinModel;
import dev.troupe.sft.internal.phases.PhasedRun;
import java.util.List;

/**
 * Fine-tunes in phases, each with data, batch and learning rate of its own and some of the rows of
 * earlier ones (Sudalairaj et al., "LAB: Large-Scale Alignment for ChatBots", 2024, as Pareja et
 * al., arXiv 2412.13337, compare it with all data at once, which is {@code sft} of all files). The
 * checkpoint of a phase with the lowest held-out loss starts the next.
 */
public final class SftPhasedWorkload implements Workload<SftPhasedOptions> {

  @Override
  public String name() {
    return "sft-phased";
  }

  @Override
  public String summary() {
    return "fine-tunes in phases, each from the best checkpoint of the one before";
  }

  @Override
  public Class<SftPhasedOptions> optionsType() {
    return SftPhasedOptions.class;
  }

  @Override
  public List<Violation> check(SftPhasedOptions options) {
    return PhasedRun.check(options);
  }

  @Override
  public Result run(JobContext job, SftPhasedOptions options) throws InterruptedException {
    return PhasedRun.run(job, options, PinModel.of(job, options.model()));
  }
}
