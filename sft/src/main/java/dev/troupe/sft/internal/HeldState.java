package dev.troupe.sft.internal;

import dev.troupe.tensor.Layout;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a rank holds of a training run's state after a step, for the next generation: the part that
 * is large, of which no copy is made.
 *
 * @param step steps done
 * @param values what is trained, flat; that of the shards held here is of this step
 * @param update the one that led here
 * @param gradients those of the step after it, if they were complete here when the generation ended
 *     and others may have taken that step; its update is then still to be made here
 */
record HeldState(
    long step,
    Layout layout,
    Shards shards,
    ByteBuffer values,
    ShardedAdamW optimizer,
    Optional<WeightAverage> average,
    Update update,
    Optional<ByteBuffer> gradients) {

  /** Under which name it is kept. */
  static final String NAME = "training";

  static final String WEIGHTS = "weights";

  /** The numbers of an optimizer step. */
  record Update(double learningRate, double gradientScale) {}

  /** Takes the step whose gradients are here. This object is not to be used after that. */
  HeldState next(Update next) {
    optimizer.step(values, gradients.orElseThrow(), next.learningRate(), next.gradientScale());
    average.ifPresent(a -> a.add(values));
    return new HeldState(
        step + 1, layout, shards, values, optimizer, average, next, Optional.empty());
  }

  /** Files as in a checkpoint, for each owner whose shards are held here. */
  Map<String, ByteBuffer> files() {
    Map<String, ByteBuffer> all = new TreeMap<>();
    new ShardFiles(layout, shards).saveHeld(all::put, WEIGHTS, shards.pack(layout, values));
    optimizer.saveHeld(all::put);
    average.ifPresent(a -> a.saveHeld(all::put));
    return all;
  }
}
