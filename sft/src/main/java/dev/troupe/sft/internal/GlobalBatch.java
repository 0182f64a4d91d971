package dev.troupe.sft.internal;

import dev.troupe.lm.Batch;
import dev.troupe.lm.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The examples of one optimizer step, cut into a fixed number of micro-batches: the leaves of the
 * step's sum. What a leaf holds depends on the step alone, never on the ranks.
 *
 * <p>A leaf is computed as a rectangle that is as long as its longest row, so it costs the tokens
 * of that rectangle, padding included. Rows are sorted by length and cut such that the costliest
 * leaf costs as little as it can: ranks then have about the same work, and little is padded. (The
 * usual LPT rule, each row to the leaf with the fewest tokens so far, suits rows that are packed
 * without padding; in rectangles it puts a long row beside short ones everywhere.)
 */
final class GlobalBatch {

  private final List<List<Example>> leaves;
  private final long tokens;
  private final long countedTokens;

  private GlobalBatch(List<List<Example>> leaves, long tokens, long countedTokens) {
    this.leaves = leaves;
    this.tokens = tokens;
    this.countedTokens = countedTokens;
  }

  /**
   * Cuts the given rows of {@code data} into {@code microBatches}.
   *
   * @throws IllegalArgumentException if there are fewer rows than micro-batches
   */
  static GlobalBatch of(Dataset data, int[] rows, int microBatches) {
    if (rows.length < microBatches) {
      throw new IllegalArgumentException(
          "microBatches: %d (expected: at most the batch's rows, %d)"
              .formatted(microBatches, rows.length));
    }
    List<Example> sorted =
        Arrays.stream(rows)
            .mapToObj(data.examples()::get)
            .sorted(Comparator.comparingInt(Example::length)) // stable: ties keep their order
            .toList();
    return new GlobalBatch(
        cut(sorted, microBatches),
        sorted.stream().mapToLong(Example::length).sum(),
        sorted.stream().mapToLong(Example::countedTokens).sum());
  }

  /** The cut whose largest rectangle is smallest, by bisection over that rectangle. */
  private static List<List<Example>> cut(List<Example> sorted, int pieces) {
    long longest = sorted.get(sorted.size() - 1).length();
    long tooSmall = longest - 1;
    long enough = longest * sorted.size();
    while (enough - tooSmall > 1) {
      long middle = (tooSmall + enough) / 2;
      if (fill(sorted, pieces, middle).isEmpty()) {
        tooSmall = middle;
      } else {
        enough = middle;
      }
    }
    return fill(sorted, pieces, enough);
  }

  /**
   * Fills rectangles of at most {@code most} tokens, the longest rows first, each with as many rows
   * as fit and leave one for each piece to come. Empty if rows are left over.
   */
  private static List<List<Example>> fill(List<Example> sorted, int pieces, long most) {
    List<List<Example>> filled = new ArrayList<>();
    int left = sorted.size();
    for (int toCome = pieces - 1; toCome >= 0; toCome--) {
      int fit = (int) Math.min(most / sorted.get(left - 1).length(), left - toCome);
      filled.add(sorted.subList(left - fit, left));
      left -= fit;
    }
    return left == 0 ? filled : List.of();
  }

  /** A micro-batch as a rectangle. */
  Batch leaf(int leaf, int context) {
    return Batch.of(leaves.get(leaf), context);
  }

  /** Tokens in all, padding left out. */
  long tokens() {
    return tokens;
  }

  /** Tokens whose prediction the loss counts. */
  long countedTokens() {
    return countedTokens;
  }
}
