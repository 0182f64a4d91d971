package dev.troupe.sft.internal;

import dev.troupe.core.GangContext;
import dev.troupe.core.GangMember;
import dev.troupe.lm.CausalLm;
import dev.troupe.sft.SftOptions;
import dev.troupe.tensor.Engine;
import dev.troupe.tensor.Schedule;
import java.nio.file.Path;

/** A rank of a fine-tuning gang. */
public record SftMember(SftOptions options) implements GangMember<TrainingOutcome> {

  @Override
  public TrainingOutcome run(GangContext gang) throws Exception {
    Engine.start(options.threads());
    freeEarlierGeneration();
    Path folder = Path.of(options.model());
    try (CausalLm model = CausalLm.load(folder)) {
      int maxLength = options.maxLength().orElse(model.config().context());
      SftData data = SftData.of(gang, options, maxLength);
      Training training =
          new Training(gang, model, data.train(), data.heldOut(), plan(data.train(), maxLength));
      training.run();
      return gang.rank() == 0
          ? training.outcome(folder, options.out().map(Path::of), false)
          : null; // a gang's result is rank 0's
    }
  }

  /**
   * What an earlier generation allocated (several times the model) lies outside the heap, where
   * nothing but a collection frees it, and an almost empty heap gives no cause for one.
   */
  @SuppressWarnings("SystemGc") // once a generation
  private static void freeEarlierGeneration() {
    System.gc();
  }

  private TrainingPlan plan(Dataset data, int maxLength) {
    long steps =
        options
            .steps()
            .map(Integer::longValue)
            .orElseGet(
                () -> (long) Math.ceil(options.epochs() * data.epochRows() / options.batch()));
    return new TrainingPlan(
        steps,
        options.batch(),
        options.microBatches(),
        schedule(steps),
        options.weightDecay(),
        options.clip(),
        options.seed(),
        maxLength,
        options.checkpointEvery());
  }

  private Schedule schedule(long steps) {
    double peak = options.learningRate();
    Schedule decay =
        switch (options.schedule()) {
          case CONSTANT -> Schedule.constant(peak);
          case LINEAR -> Schedule.linear(peak, 0, steps);
          case COSINE -> Schedule.cosine(peak, 0, steps);
        };
    return Schedule.warmUp(options.warmup(), decay);
  }
}
