package dev.troupe.sft.internal;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Which rows each global batch holds: each epoch is a new shuffle of all rows, and batches follow
 * each other across its end, so that every batch is full. A pure function of seed and step: that is
 * the whole of the "position in the data" that a checkpoint needs, and no rank has to tell another.
 */
final class DataOrder {

  /** Streams of {@link CounterRandom} below 0 are for other things than epochs. */
  static final long HELD_OUT = -1;

  private static final int KEPT_EPOCHS = 2;

  private final int rows;
  private final int batch;
  private final long seed;

  private final Map<Long, int[]> epochs =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, int[]> eldest) {
          return size() > KEPT_EPOCHS;
        }
      };

  DataOrder(int rows, int batch, long seed) {
    this.rows = rows;
    this.batch = batch;
    this.seed = seed;
  }

  /** The rows of a step, {@code [batch]}. */
  int[] rowsOf(long step) {
    int[] chosen = new int[batch];
    for (int i = 0; i < batch; i++) {
      long at = step * batch + i;
      chosen[i] = epoch(at / rows)[(int) (at % rows)];
    }
    return chosen;
  }

  private int[] epoch(long number) {
    return epochs.computeIfAbsent(number, e -> new CounterRandom(seed, e).permutation(rows));
  }
}
