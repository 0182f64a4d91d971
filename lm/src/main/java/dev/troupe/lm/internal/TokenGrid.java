package dev.troupe.lm.internal;

import ai.djl.ndarray.types.Shape;
import java.util.stream.LongStream;

/**
 * Token ids in the form in which libtorch gets them: a row for each sequence, padded on the right,
 * or one row with sequences packed one behind the other.
 */
public final class TokenGrid {

  private final long[] ids;
  private final long[] targets;
  private final int rows;
  private final long[] lengths;

  /**
   * Of arrays that are not copied.
   *
   * @param ids row by row, {@code [rows, time]}
   * @param targets as long as ids: the token that each position is to predict; negative where
   *     nothing counts
   * @param lengths of packed sequences, in their order; empty if each row is one sequence
   */
  public TokenGrid(long[] ids, long[] targets, int rows, long[] lengths) {
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

  long[] lengths() {
    return lengths;
  }

  Shape shape() {
    return new Shape(rows, time());
  }

  /** The position of each column in its sequence. */
  long[] positions() {
    LongStream sequences = isPacked() ? LongStream.of(lengths) : LongStream.of(time());
    return sequences.flatMap(length -> LongStream.range(0, length)).toArray();
  }
}
