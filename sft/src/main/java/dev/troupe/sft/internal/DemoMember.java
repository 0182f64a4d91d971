package dev.troupe.sft.internal;

import dev.troupe.core.GangContext;
import dev.troupe.core.GangMember;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.DemoOptions;
import dev.troupe.tensor.Engine;
import dev.troupe.tensor.Schedule;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A rank of the demonstration's training gang. */
public record DemoMember(DemoOptions options) implements GangMember<TrainingOutcome> {

  /** Part of what the result depends on, so it is not an option: workers are what varies. */
  static final int THREADS = 1;

  /** Also the most ranks; more pieces would each be too small to compute well. */
  public static final int MICRO_BATCHES = 4;

  private static final int WARM_UP = 30;

  /**
   * Rows of about a dozen tokens are so short that attention to each alone costs more than padding.
   */
  private static final boolean PACKING = false;

  @Override
  public TrainingOutcome run(GangContext gang) throws Exception {
    Engine.start(THREADS);
    Path folder = DemoModel.writeTokenizer(gang);
    try (CausalLm model = DemoModel.untrained(options.seed())) {
      Dataset data = gang.cached("demo/data/" + options.seed(), () -> data(folder));
      Export export = new Export(gang, model, folder, Optional.empty());
      Training training =
          new Training(
              new GangMemory(gang), model, Trained.all(model), data, Optional.empty(), plan());
      training.run(done -> {});
      return gang.rank() == 0
          ? training.outcome(export, true, List.of())
          : null; // a gang's result is rank 0's
    }
  }

  private Dataset data(Path folder) {
    try (Tokenizer tokenizer = Tokenizer.load(folder)) {
      return DemoTasks.training(options.seed(), tokenizer);
    }
  }

  private TrainingPlan plan() {
    double peak = options.learningRate();
    return new TrainingPlan(
        options.steps(),
        options.batch(),
        MICRO_BATCHES,
        PACKING,
        true,
        true,
        Schedule.warmUp(WARM_UP, Schedule.cosine(peak, peak / 20, options.steps())),
        0,
        1,
        options.seed(),
        DemoModel.CONTEXT,
        0,
        options.checkpointEvery());
  }
}
