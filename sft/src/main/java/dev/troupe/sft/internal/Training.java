package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangContext;
import dev.troupe.lm.CausalLm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A training run as one rank sees it, around the {@link Trainer}: held-out loss before and after,
 * and what is left behind at the end.
 */
final class Training {

  private final GangContext gang;
  private final CausalLm model;
  private final Dataset data;
  private final Optional<Dataset> heldOut;
  private final TrainingPlan plan;
  private final Trainer trainer;
  private Optional<Double> heldOutAfter = Optional.empty();

  Training(
      GangContext gang,
      CausalLm model,
      Dataset data,
      Optional<Dataset> heldOut,
      TrainingPlan plan) {
    this.gang = gang;
    this.model = model;
    this.data = data;
    this.heldOut = heldOut;
    this.plan = plan;
    trainer = new Trainer(gang, model, data, plan);
  }

  /** Trains and measures; all ranks together. */
  void run() {
    long done = trainer.resume();
    if (done == 0) {
      if (gang.rank() == 0) {
        gang.log().info("data: {}", DataSummary.of(data));
      }
      heldOutLoss().ifPresent(trainer::heldOutBefore);
    }
    try {
      trainer.run(done);
    } catch (TrainingDivergedException e) {
      saveHistory(); // the curves show how it came about
      throw e;
    }
    heldOutAfter = heldOutLoss();
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
   * @param companions the folder whose tokenizer goes with the model
   * @param out where to write the model; if empty, it is in the artifacts alone
   * @param keepWeights whether the flat parameters become a blob too
   */
  TrainingOutcome outcome(Path companions, Optional<Path> out, boolean keepWeights)
      throws IOException {
    publish(companions, out);
    History history = trainer.history();
    return new TrainingOutcome(
        plan.steps(),
        history.first().loss(),
        history.last().loss(),
        history.tokensPerSecond(),
        history.allReduceShare(),
        history.paddingShare(),
        trainer.optimizerBytes(),
        model.weightsSha256(),
        saveHistory(),
        keepWeights ? Optional.of(gang.store().put(model.parameters())) : Optional.empty(),
        trainer.heldOutBefore(),
        heldOutAfter,
        DataSummary.of(data));
  }

  private void publish(Path companions, Optional<Path> out) throws IOException {
    Path folder = out.isPresent() ? out.get() : Files.createTempDirectory("troupe-model");
    try {
      model.save(folder, companions);
      for (Path file : list(folder)) {
        gang.artifact(file.getFileName().toString(), file);
      }
    } finally {
      if (out.isEmpty()) {
        deleteFolder(folder);
      }
    }
  }

  /** Deletes a folder of files. */
  static void deleteFolder(Path folder) throws IOException {
    for (Path file : list(folder)) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(Files::isRegularFile).sorted(Comparator.naturalOrder()).toList();
    }
  }
}
