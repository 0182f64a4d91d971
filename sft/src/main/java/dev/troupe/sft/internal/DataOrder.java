package dev.troupe.sft.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which rows each global batch holds: each epoch is a new shuffle of its rows, and batches follow
 * each other across its end, so that every batch is full. A pure function of seed and step: that is
 * the whole of the "position in the data" that a checkpoint needs, and no rank has to tell another.
 *
 * <p>A row of weight 2 occurs twice in each epoch, one of weight 0.5 in every second. Which rows of
 * a part that is taken in fractions have their turn is an order of the same kind, of which an epoch
 * is a step: so each row has had its turn before any has it again.
 */
public final class DataOrder {

  /** Streams of {@link CounterRandom} below 0 are for other things than epochs. */
  static final long HELD_OUT = -1;

  private static final long FIRST_FRACTION = -2;
  private static final int KEPT_EPOCHS = 2;

  /**
   * Consecutive rows of one weight.
   *
   * @param weight times that an epoch takes each, on average; above 0
   */
  public record Part(int rows, double weight) {

    /** Times that every epoch takes each row. */
    int copies() {
      return (int) weight;
    }

    /** Rows that an epoch takes once more; at least one if weight is no whole number. */
    int drawn() {
      double fraction = weight - copies();
      return fraction == 0 || rows == 0 ? 0 : (int) Math.max(1, Math.round(fraction * rows));
    }

    /** Rows that an epoch takes in all. */
    int epochRows() {
      return Math.addExact(Math.multiplyExact(rows, copies()), drawn());
    }
  }

  private final List<Part> parts;
  private final List<DataOrder> fractions = new ArrayList<>();
  private final int epochRows;
  private final int batch;
  private final long seed;

  private final Map<Long, int[]> epochs =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, int[]> eldest) {
          return size() > KEPT_EPOCHS;
        }
      };

  /** Of parts that follow each other in the data; not all of them empty. */
  DataOrder(List<Part> parts, int batch, long seed) {
    this.parts = List.copyOf(parts);
    this.batch = batch;
    this.seed = seed;
    epochRows = epochRows(parts);
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      long fractionSeed = new CounterRandom(seed, FIRST_FRACTION - i).nextLong();
      fractions.add(
          part.drawn() == 0
              ? null
              : new DataOrder(List.of(new Part(part.rows(), 1)), part.drawn(), fractionSeed));
    }
  }

  /** Rows that an epoch of all parts takes. */
  static int epochRows(List<Part> parts) {
    return parts.stream().mapToInt(Part::epochRows).reduce(0, Math::addExact);
  }

  /** The rows of a step, {@code [batch]}. */
  int[] rowsOf(long step) {
    int[] chosen = new int[batch];
    for (int i = 0; i < batch; i++) {
      long at = step * batch + i;
      chosen[i] = epoch(at / epochRows)[(int) (at % epochRows)];
    }
    return chosen;
  }

  private int[] epoch(long number) {
    return epochs.computeIfAbsent(number, this::shuffled);
  }

  private int[] shuffled(long epoch) {
    int[] rows = new int[epochRows];
    int n = 0;
    int first = 0;
    for (int p = 0; p < parts.size(); p++) {
      Part part = parts.get(p);
      for (int copy = 0; copy < part.copies(); copy++) {
        for (int i = 0; i < part.rows(); i++) {
          rows[n++] = first + i;
        }
      }
      if (part.drawn() > 0) {
        for (int row : fractions.get(p).rowsOf(epoch)) {
          rows[n++] = first + row;
        }
      }
      first += part.rows();
    }
    int[] order = new CounterRandom(seed, epoch).permutation(epochRows);
    for (int i = 0; i < epochRows; i++) {
      order[i] = rows[order[i]];
    }
    return order;
  }
}
