package dev.troupe.sft.internal;

/**
 * Finds a run that is lost though its loss is still a number: {@link #STEPS} steps in a row with a
 * loss of more than {@link #FACTOR} times the first one's, and than that of guessing among all
 * tokens alike. No run that could still end well does that, however uneven its batches are.
 */
final class Divergence {

  static final int STEPS = 10;
  static final double FACTOR = 2;

  private Divergence() {}

  /**
   * To be called after each step.
   *
   * @param vocabulary tokens of the model
   * @throws TrainingDivergedException if the run is lost
   */
  static void require(History history, int vocabulary) {
    double first = history.first().loss();
    double bound = FACTOR * Math.max(first, Math.log(vocabulary));
    StepRecord last = history.last();
    if (last.loss() > bound && history.lowestLoss(STEPS) > bound) {
      throw new TrainingDivergedException(
          "step %d: the loss is %.4g, of the first step it was %.4g, and for %d steps it has been above %.4g, which is worse than guessing (expected: it falls); the learning rate was %.4g. Lower learningRate, or lengthen warmup."
              .formatted(last.step(), last.loss(), first, STEPS, bound, last.learningRate()));
    }
  }
}
