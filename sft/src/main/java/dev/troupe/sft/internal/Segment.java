package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangContext;
import dev.troupe.core.GangMember;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.ModelSource;
import dev.troupe.sft.SftOptions;
import dev.troupe.tensor.Engine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A part of a training run, as a gang of one rank: several runs go on side by side, each from rung
 * to rung.
 *
 * @param options of the whole run, with its steps
 * @param model with its commit, if it is one of the hub
 * @param from where the part before ended; empty for the first
 * @param until the step at which this part ends
 */
public record Segment(SftOptions options, String model, Optional<Snapshot> from, long until)
    implements GangMember<Segment.Outcome> {

  /**
   * How it went.
   *
   * @param step the last one
   * @param state at the end; empty if the run is over
   * @param history all steps so far, as {@link History#toJsonLines}
   * @param heldOutBefore loss on held-out rows before the run's first step
   * @param heldOut at the end
   * @param diverged why the run ended early; empty if it did not
   */
  public record Outcome(
      long step,
      Optional<Snapshot> state,
      BlobRef history,
      Optional<Double> heldOutBefore,
      Optional<Double> heldOut,
      Optional<String> diverged) {}

  @Override
  public Outcome run(GangContext gang) throws Exception {
    SftMember whole = new SftMember(options, model);
    Engine.start(options.threads());
    SftMember.freeEarlierGeneration();
    Path folder = ModelFetch.folder(gang, ModelSource.parse(model));
    try (CausalLm lm = whole.load(folder)) {
      return whole.with(lm, trained -> train(gang, folder, lm, trained));
    }
  }

  private Outcome train(GangContext gang, Path folder, CausalLm lm, Trained trained)
      throws Exception {
    int maxLength = options.maxLength().orElse(lm.config().context());
    SftData data = SftData.of(gang, options, folder, maxLength);
    TrainingPlan plan = new SftMember(options, model).plan(data.train(), maxLength);
    SegmentGang part = new SegmentGang(gang, from, until);
    Trainer trainer = new Trainer(part, lm, trained, data.train(), plan);
    long done = trainer.resume();
    if (done == 0) {
      heldOut(gang, lm, data, plan).ifPresent(trainer::heldOutBefore);
    }
    Optional<Snapshot> state = Optional.empty();
    try {
      trainer.run(step -> {});
    } catch (SegmentGang.Ended e) {
      state = Optional.of(e.snapshot());
    } catch (TrainingDivergedException e) {
      return outcome(gang, trainer, state, Optional.empty(), Optional.of(e.getMessage()));
    }
    return outcome(gang, trainer, state, heldOut(gang, lm, data, plan), Optional.empty());
  }

  private static Outcome outcome(
      GangContext gang,
      Trainer trainer,
      Optional<Snapshot> state,
      Optional<Double> heldOut,
      Optional<String> diverged) {
    History history = trainer.history();
    return new Outcome(
        history.last() == null ? 0 : history.last().step(),
        state,
        gang.store().put(ByteBuffer.wrap(history.toJsonLines())),
        trainer.heldOutBefore(),
        heldOut,
        diverged);
  }

  private static Optional<Double> heldOut(
      GangContext gang, CausalLm lm, SftData data, TrainingPlan plan) {
    int rows = Math.max(1, plan.batch() / plan.microBatches());
    return data.heldOut().map(set -> HeldOutLoss.measure(gang, lm, set, rows, plan.context()));
  }
}
