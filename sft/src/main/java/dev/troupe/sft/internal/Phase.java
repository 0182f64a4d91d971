package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangContext;
import dev.troupe.core.GangMember;
import dev.troupe.core.InputException;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.ModelSource;
import dev.troupe.sft.SftOptions;
import dev.troupe.tensor.Engine;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A rank of a gang that trains one phase and keeps the weights of its best candidate.
 *
 * @param options of the phase
 * @param model with its commit, if it is one of the hub
 * @param weights to start from, flat; the model's own if empty
 * @param candidates so often is the held-out loss measured
 */
public record Phase(SftOptions options, String model, Optional<BlobRef> weights, int candidates)
    implements GangMember<Phase.Outcome> {

  /**
   * How it went.
   *
   * @param candidateSteps the steps at which the held-out loss was measured, 0 before the first
   * @param candidateLosses the losses there
   * @param bestStep 0 if no candidate is better than the start
   * @param weights at that step; empty if they are those of the model
   * @param history {@code metrics.jsonl}
   */
  public record Outcome(
      List<Long> candidateSteps,
      List<Double> candidateLosses,
      long bestStep,
      double bestLoss,
      Optional<BlobRef> weights,
      BlobRef history) {}

  @Override
  public Outcome run(GangContext gang) throws Exception {
    SftMember whole = new SftMember(options, model);
    Engine.start(options.threads());
    SftMember.freeEarlierGeneration();
    Path folder = ModelFetch.folder(gang, ModelSource.parse(model));
    try (CausalLm lm = whole.load(folder)) {
      weights.ifPresent(blob -> lm.parameters().put(gang.store().get(blob)));
      return whole.with(lm, trained -> train(new GangMemory(gang), folder, lm, trained));
    }
  }

  private Outcome train(GangContext gang, Path folder, CausalLm lm, Trained trained)
      throws Exception {
    int maxLength = options.maxLength().orElse(lm.config().context());
    SftData data = SftData.of(gang, options, folder, maxLength);
    Dataset heldOut =
        data.heldOut()
            .orElseThrow(() -> new InputException("evalData: none (expected: held-out rows)"));
    TrainingPlan plan = new SftMember(options, model).plan(data.train(), maxLength);
    long every = Math.max(1, plan.steps() / candidates);
    HeldOutWatch watch = new HeldOutWatch(gang, lm, heldOut, plan, every, true);
    Trainer trainer = new Trainer(watch, lm, trained, data.train(), plan);
    long done = trainer.resume();
    if (done == 0) {
      watch.measureStart(weights);
    }
    trainer.run(step -> {});
    return gang.rank() == 0 ? outcome(gang, trainer, watch.state()) : null;
  }

  private static Outcome outcome(GangContext gang, Trainer trainer, HeldOutWatch.State state) {
    HeldOutWatch.Measured best = state.best().orElseThrow();
    return new Outcome(
        state.measured().stream().map(HeldOutWatch.Measured::step).toList(),
        state.measured().stream().map(HeldOutWatch.Measured::loss).toList(),
        best.step(),
        best.loss(),
        state.weights(),
        gang.store().put(ByteBuffer.wrap(trainer.history().toJsonLines())));
  }
}
