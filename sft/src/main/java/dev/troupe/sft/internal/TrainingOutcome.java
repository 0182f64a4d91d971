package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.sft.internal.ExportWatch.Exported;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

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
 * @param model the files of the exported folder, by name
 * @param exports those of earlier steps
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
    Map<String, BlobRef> model,
    List<Exported> exports,
    Optional<BlobRef> weights,
    Optional<Double> heldOutBefore,
    Optional<Double> heldOutAfter,
    DataSummary data) {

  /** The files of all exports and, as that of the last step, of the model itself. */
  public SortedMap<Long, Map<String, BlobRef>> exportsAndModel() {
    SortedMap<Long, Map<String, BlobRef>> all = new TreeMap<>();
    exports.forEach(export -> all.put(export.step(), export.files()));
    all.put(steps, model);
    return all;
  }
}
