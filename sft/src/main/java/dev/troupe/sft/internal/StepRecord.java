package dev.troupe.sft.internal;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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
 * @param evalLoss mean over the counted tokens of held-out rows after this step, nats, if it was
 *     measured
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
    int ranks,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Double> evalLoss) {

  double tokensPerSecond() {
    return tokens / seconds;
  }

  /** The same with what held-out rows said after it. */
  StepRecord withEvalLoss(double measured) {
    return new StepRecord(
        step,
        loss,
        gradNorm,
        learningRate,
        tokens,
        paddingShare,
        seconds,
        syncSeconds,
        dataSeconds,
        forwardSeconds,
        backwardSeconds,
        waitSeconds,
        optimizerSeconds,
        ranks,
        Optional.of(measured));
  }

  /** Seconds of the step by its parts, in their order. */
  Map<String, Double> parts() {
    Map<String, Double> parts = new LinkedHashMap<>();
    parts.put("data", dataSeconds);
    parts.put("forward", forwardSeconds);
    parts.put("backward", backwardSeconds);
    parts.put("all-reduce", waitSeconds);
    parts.put("optimizer", optimizerSeconds);
    parts.put("sync", syncSeconds);
    return parts;
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
