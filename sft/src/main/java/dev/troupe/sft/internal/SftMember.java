package dev.troupe.sft.internal;

import dev.troupe.core.GangContext;
import dev.troupe.core.GangMember;
import dev.troupe.core.InputException;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.LowRankAdapters;
import dev.troupe.lm.ModelSource;
import dev.troupe.sft.SftOptions;
import dev.troupe.tensor.Engine;
import dev.troupe.tensor.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A rank of a fine-tuning gang.
 *
 * @param model with its commit, if it is one of the hub
 */
public record SftMember(SftOptions options, String model) implements GangMember<TrainingOutcome> {

  @Override
  public TrainingOutcome run(GangContext gang) throws Exception {
    Engine.start(options.threads());
    freeEarlierGeneration();
    if (gang.rank() == 0) {
      options.out().map(Path::of).ifPresent(SftMember::make);
    }
    Path folder = ModelFetch.folder(gang, ModelSource.parse(model));
    try (CausalLm lm = load(folder)) {
      return with(lm, trained -> train(new GangMemory(gang), folder, lm, trained));
    }
  }

  /** What is done with what is trained. */
  interface Body<R> {
    R run(Trained trained) throws Exception;
  }

  /** Runs {@code body} on all parameters of a model or, if the options say so, on adapters. */
  <R> R with(CausalLm lm, Body<R> body) throws Exception {
    if (options.loraRank() == 0) {
      return body.run(Trained.all(lm));
    }
    int rank = options.loraRank();
    double alpha = options.loraAlpha().orElse(2.0 * rank);
    try (LowRankAdapters adapters =
        new LowRankAdapters(lm, rank, alpha, options.loraTargets(), options.seed())) {
      return body.run(Trained.of(adapters));
    } catch (IllegalArgumentException e) {
      throw new InputException("loraTargets: " + e.getMessage(), e);
    }
  }

  private TrainingOutcome train(GangContext gang, Path folder, CausalLm lm, Trained trained)
      throws Exception {
    int maxLength = options.maxLength().orElse(lm.config().context());
    SftData data = SftData.of(gang, options, folder, maxLength);
    TrainingPlan plan = plan(data.train(), maxLength);
    requireInside(plan.steps());
    Export export = new Export(gang, lm, folder, options.out().map(Path::of));
    ExportWatch exporting = new ExportWatch(gang, export, this::isExported);
    Optional<HeldOutWatch> watch =
        data.heldOut()
            .filter(rows -> options.evalEvery() > 0)
            .map(rows -> new HeldOutWatch(exporting, lm, rows, plan, options.evalEvery(), false));
    GangContext watched = watch.isPresent() ? watch.get() : exporting;
    Training training = new Training(watched, lm, trained, data.train(), data.heldOut(), plan);
    watch.ifPresent(w -> w.onMeasured(training::measured));
    training.run(done -> {});
    return gang.rank() == 0 // a gang's result is rank 0's
        ? training.outcome(export, false, exporting.exports())
        : null;
  }

  private boolean isExported(long step) {
    return (options.exportEvery() > 0 && step % options.exportEvery() == 0)
        || options.exportAt().contains((int) step);
  }

  private void requireInside(long steps) {
    for (int step : options.exportAt()) {
      if (step > steps) {
        throw new InputException(
            "exportAt: %d (expected: at most the run's steps, %d)".formatted(step, steps));
      }
    }
  }

  /** Now rather than after hours of training. */
  private static void make(Path out) {
    try {
      Files.createDirectories(out);
    } catch (IOException e) {
      throw new InputException(
          "out: %s (expected: a folder that the worker of rank 0 can make): %s".formatted(out, e),
          e);
    }
  }

  CausalLm load(Path folder) {
    try {
      CausalLm lm = CausalLm.load(folder, CausalLm.BUCKET_BYTES, options.precision());
      lm.recompute(options.recompute());
      return lm;
    } catch (IllegalArgumentException e) {
      throw new InputException("model: " + e.getMessage(), e);
    }
  }

  /**
   * What an earlier generation allocated (several times the model) lies outside the heap, where
   * nothing but a collection frees it, and an almost empty heap gives no cause for one.
   */
  @SuppressWarnings("SystemGc") // once a generation
  static void freeEarlierGeneration() {
    System.gc();
  }

  TrainingPlan plan(Dataset data, int maxLength) {
    long steps =
        options
            .steps()
            .map(Integer::longValue)
            .orElseGet(
                () -> (long) Math.ceil(options.epochs() * data.epochRows() / options.batchRows()));
    return new TrainingPlan(
        steps,
        options.batchRows(),
        options.microBatches(),
        options.packing(),
        options.shardOptimizer(),
        options.peerCopy(),
        schedule(steps),
        options.weightDecay(),
        options.clip(),
        options.seed(),
        maxLength,
        options.ema(),
        options.checkpointEvery());
  }

  private Schedule schedule(long steps) {
    double peak = options.peakRate();
    Schedule decay =
        switch (options.decay()) {
          case CONSTANT -> Schedule.constant(peak);
          case LINEAR -> Schedule.linear(peak, 0, steps);
          case COSINE -> Schedule.cosine(peak, 0, steps);
        };
    return Schedule.warmUp(options.warmupSteps(steps), decay);
  }
}
