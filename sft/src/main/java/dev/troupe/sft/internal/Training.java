package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangContext;
import dev.troupe.lm.CausalLm;
import dev.troupe.sft.internal.ExportWatch.Exported;
import dev.troupe.tensor.FlatMath;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * A training run as one rank sees it, around the {@link Trainer}: held-out loss before and after,
 * and what is left behind at the end.
 */
final class Training {

  private final GangContext gang;
  private final CausalLm model;
  private final Trained trained;
  private final Dataset data;
  private final Optional<Dataset> heldOut;
  private final TrainingPlan plan;
  private final Trainer trainer;
  private Optional<ByteBuffer> average = Optional.empty();
  private Optional<Double> heldOutAfter = Optional.empty();

  Training(
      GangContext gang,
      CausalLm model,
      Trained trained,
      Dataset data,
      Optional<Dataset> heldOut,
      TrainingPlan plan) {
    this.gang = gang;
    this.model = model;
    this.trained = trained;
    this.data = data;
    this.heldOut = heldOut;
    this.plan = plan;
    trainer = new Trainer(gang, model, trained, data, plan);
  }

  /**
   * Trains and measures; all ranks together.
   *
   * @param afterStep as in {@link Trainer#run}
   */
  void run(LongConsumer afterStep) {
    long done = trainer.resume();
    if (done == 0) {
      if (gang.rank() == 0) {
        gang.log().info("data: {}", DataSummary.of(data));
      }
      heldOutLoss().ifPresent(trainer::heldOutBefore);
    }
    try {
      trainer.run(
          step -> {
            if (step % plan.checkpointEvery() == 0) {
              saveHistory(); // to be seen while it runs
            }
            afterStep.accept(step);
          });
    } catch (TrainingDivergedException e) {
      saveHistory(); // the curves show how it came about
      throw e;
    }
    average = trainer.average();
    heldOutAfter = heldOutLoss();
  }

  /** Notes what held-out rows said after the step that was the last. */
  void measured(double evalLoss) {
    trainer.history().measured(evalLoss);
  }

  private Optional<Double> heldOutLoss() {
    int rows = Math.max(1, plan.batch() / plan.microBatches());
    return heldOut.map(set -> HeldOutLoss.measure(gang, model, set, rows, plan.context()));
  }

  private BlobRef saveHistory() {
    byte[] lines = trainer.history().toJsonLines();
    return gang.rank() == 0 ? gang.artifact(History.FILE, lines) : null;
  }

  /**
   * Writes the model and says how it went; rank 0 alone.
   *
   * @param keepWeights whether the flat parameters become a blob too
   * @param exports of earlier steps
   */
  TrainingOutcome outcome(Export export, boolean keepWeights, List<Exported> exports) {
    Map<String, BlobRef> files = export.write("");
    String sha256 = model.weightsSha256();
    Optional<BlobRef> weights =
        keepWeights ? Optional.of(gang.store().put(model.parameters())) : Optional.empty();
    average.ifPresent(averaged -> exportAverage(averaged, export));
    History history = trainer.history();
    return new TrainingOutcome(
        plan.steps(),
        history.first().loss(),
        history.last().loss(),
        history.tokensPerSecond(),
        history.allReduceShare(),
        history.paddingShare(),
        trainer.optimizerBytes(),
        PeakMemory.bytes(),
        sha256,
        saveHistory(),
        files,
        exports,
        weights,
        trainer.heldOutBefore(),
        heldOutAfter,
        DataSummary.of(data));
  }

  /** In the place of the weights, which a generation to come may still have to go on from. */
  private void exportAverage(ByteBuffer averaged, Export export) {
    ByteBuffer values = trained.values();
    ByteBuffer weights = FlatMath.allocate(values.limit() / Float.BYTES);
    FlatMath.copy(values, weights);
    try {
      FlatMath.copy(averaged, values);
      trained.changed();
      export.write("ema");
    } finally {
      FlatMath.copy(weights, values);
      trained.changed();
    }
  }
}
