package dev.troupe.sft.internal;

import dev.troupe.core.DType;
import dev.troupe.core.GangContext;
import dev.troupe.lm.Batch;
import dev.troupe.lm.CausalLm;
import dev.troupe.lm.Example;
import dev.troupe.tensor.FlatMath;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.List;

/**
 * The loss on held-out examples, measured by all ranks together. The examples are cut into batches
 * that do not depend on the ranks; each rank writes the losses of its batches into a list that is 0
 * elsewhere, so adding up the lists of all ranks is exact and the mean is the same for any gang.
 */
final class HeldOutLoss {

  private HeldOutLoss() {}

  /**
   * Collective. Returns nats a counted token, the same on every rank.
   *
   * @param rows examples a batch
   */
  static double measure(GangContext gang, CausalLm model, Dataset data, int rows, int context) {
    List<Example> sorted =
        data.examples().stream().sorted(Comparator.comparingInt(Example::length)).toList();
    int batches = (sorted.size() + rows - 1) / rows;
    ByteBuffer sums = FlatMath.allocate(batches);
    for (int b = gang.rank(); b < batches; b += gang.size()) {
      List<Example> chunk = sorted.subList(b * rows, Math.min((b + 1) * rows, sorted.size()));
      double loss = model.evaluate(Batch.packed(chunk, context)).sum();
      sums.putFloat(b * Float.BYTES, (float) loss);
      gang.progress().report("evaluate", b + 1, batches);
    }
    gang.communicator().allReduce(sums, DType.F32);
    double sum = 0;
    for (int b = 0; b < batches; b++) {
      sum += sums.getFloat(b * Float.BYTES);
    }
    return sum / data.examples().stream().mapToLong(Example::countedTokens).sum();
  }
}
