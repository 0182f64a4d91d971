package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import java.util.Optional;

/**
 * What rank 0 of a training gang returns.
 *
 * @param lossFirst of the first step, nats a token
 * @param lossLast of the last step
 * @param allReduceShare of all time, spent waiting for the all-reduce
 * @param paddingShare of all positions that were computed, padding
 * @param optimizerBytes state of the optimizer on rank 0
 * @param peakMemoryBytes of the process of rank 0, if the system tells
 * @param history the steps, as {@link History#toJsonLines}
 * @param weights the flat parameters, fp32; absent where the folder is what is wanted
 * @param heldOutBefore loss on held-out rows, absent if there are none
 */
public record TrainingOutcome(
    long steps,
    double lossFirst,
    double lossLast,
    double tokensPerSecond,
    double allReduceShare,
    double paddingShare,
    long optimizerBytes,
    Optional<Long> peakMemoryBytes,
    String weightsSha256,
    BlobRef history,
    Optional<BlobRef> weights,
    Optional<Double> heldOutBefore,
    Optional<Double> heldOutAfter,
    DataSummary data) {}
