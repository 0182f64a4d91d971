package dev.troupe.sft.internal;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one optimizer step was like; a line of {@code metrics.jsonl}.
 *
 * @param step from 1
 * @param loss mean over the global batch's counted tokens, nats
 * @param gradNorm before clipping
 * @param tokens of the global batch, padding left out
 * @param paddingShare of all positions that were computed, padding
 * @param seconds of the whole step on rank 0; the parts follow
 * @param syncSeconds the end of the step before: agreement of the ranks, checkpoint
 * @param dataSeconds making batches
 * @param forwardSeconds forward passes
 * @param backwardSeconds the loss and backward passes, with what of the all-reduce runs beneath
 * @param waitSeconds waiting for the all-reduce once backward is through, and for updated
 *     parameters
 * @param optimizerSeconds clipping and update
 * @param ranks size of the gang
 */
record StepRecord(
    long step,
    double loss,
    double gradNorm,
    double learningRate,
    long tokens,
    double paddingShare,
    double seconds,
    double syncSeconds,
    double dataSeconds,
    double forwardSeconds,
    double backwardSeconds,
    double waitSeconds,
    double optimizerSeconds,
    int ranks) {

  double tokensPerSecond() {
    return tokens / seconds;
  }

  /** For the progress line, in its order. */
  Map<String, Double> shown() {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("loss", loss);
    metrics.put("tokensPerSecond", tokensPerSecond());
    metrics.put("gradNorm", gradNorm);
    metrics.put("learningRate", learningRate);
    metrics.put("paddingShare", paddingShare);
    metrics.put("allReduceShare", waitSeconds / seconds);
    metrics.put("ranks", (double) ranks);
    return metrics;
  }
}
