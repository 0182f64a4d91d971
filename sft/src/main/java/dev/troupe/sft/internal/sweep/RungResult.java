package dev.troupe.sft.internal.sweep;

import java.util.Optional;

/**
 * What a trial is like at a rung.
 *
 * @param step optimizer steps so far
 * @param samples rows so far
 * @param gradNorm mean norm of the gradient before clipping, over all steps past the warm-up
 * @param loss mean training loss over the same steps
 * @param recentLoss mean training loss since the rung before
 * @param heldOut loss on held-out rows; empty if there are none
 */
record RungResult(
    long step,
    long samples,
    double gradNorm,
    double loss,
    double recentLoss,
    Optional<Double> heldOut) {

  /** What is to become small. */
  double score() {
    return heldOut.orElse(recentLoss);
  }
}
