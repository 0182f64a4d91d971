package dev.troupe.lm.internal;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Token ids in the form in which libtorch gets them: a row for each sequence, padded on the right,
 * or one row with sequences packed one behind the other.
 */
public final class TokenGrid {

  private final long[] ids;
  private final long[] targets;
  private final int rows;
  private final int[] lengths;

  /**
   * Of arrays that are not copied.
   *
   * @param ids row by row, {@code [rows, time]}
   * @param targets as long as ids: the token that each position is to predict; negative where
   *     nothing counts
   * @param lengths of packed sequences, in their order; empty if each row is one sequence
   */
  public TokenGrid(long[] ids, long[] targets, int rows, int[] lengths) {
    this.ids = ids;
    this.targets = targets;
    this.rows = rows;
    this.lengths = lengths;
  }

  /** Ids, {@code [rows * time]}; not a copy. */
  public long[] ids() {
    return ids;
  }

  long[] targets() {
    return targets;
  }

  /** Positions of a row. */
  public int time() {
    return ids.length / rows;
  }

  /** Whether sequences lie one behind the other. */
  public boolean isPacked() {
    return lengths.length > 0;
  }

  /** Neighbours of one length taken together: how many, and how long, in turn. */
  long[] runs() {
    long[] runs = new long[2 * lengths.length];
    int end = 0;
    for (int i = 0; i < lengths.length; i++) {
      if (end == 0 || runs[end - 1] != lengths[i]) {
        runs[end + 1] = lengths[i];
        end += 2;
      }
      runs[end - 2]++;
    }
    return Arrays.copyOf(runs, end);
  }

  Shape shape() {
    return new Shape(rows, time());
  }

  /** The position of each column in its sequence. */
  long[] positions() {
    IntStream sequences = isPacked() ? IntStream.of(lengths) : IntStream.of(time());
    return sequences.asLongStream().flatMap(length -> LongStream.range(0, length)).toArray();
  }
}
