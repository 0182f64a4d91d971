package dev.troupe.sft.internal;

import dev.troupe.lm.Batch;
import dev.troupe.lm.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The examples of one optimizer step, cut into a fixed number of micro-batches: the leaves of the
 * step's sum. What a leaf holds depends on the step alone, never on the ranks.
 *
 * <p>Packed, a leaf costs its tokens. Rows are dealt out by the LPT rule (longest processing time
 * first; Graham, "Bounds on Multiprocessing Timing Anomalies", 1969, section 4): each row, the
 * longest first, goes to the leaf with the fewest tokens so far. Ranks then have about the same
 * work.
 *
 * <p>Padded, a leaf is a rectangle as long as its longest row, and costs all of it. Rows are sorted
 * by length and cut such that the costliest leaf costs as little as it can; LPT would put a long
 * row beside short ones everywhere.
 */
final class GlobalBatch {

  private final List<List<Example>> leaves;
  private final boolean packed;
  private final long tokens;
  private final long countedTokens;

  private GlobalBatch(List<List<Example>> leaves, boolean packed) {
    this.leaves = leaves;
    this.packed = packed;
    tokens = sum(Example::length);
    countedTokens = sum(Example::countedTokens);
  }

  private long sum(ToLongFunction<Example> count) {
    return leaves.stream().flatMap(List::stream).mapToLong(count).sum();
  }

  /**
   * Cuts the given rows of {@code data} into {@code microBatches}.
   *
   * @param packed whether leaves are to be packed, or padded
   * @throws IllegalArgumentException if there are fewer rows than micro-batches
   */
  static GlobalBatch of(Dataset data, int[] rows, int microBatches, boolean packed) {
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
    return new GlobalBatch(packed ? deal(sorted, microBatches) : cut(sorted, microBatches), packed);
  }

  /** By the LPT rule; each piece keeps its rows from the longest to the shortest. */
  private static List<List<Example>> deal(List<Example> sorted, int pieces) {
    List<List<Example>> dealt = new ArrayList<>();
    long[] tokens = new long[pieces];
    for (int piece = 0; piece < pieces; piece++) {
      dealt.add(new ArrayList<>());
    }
    for (int row = sorted.size() - 1; row >= 0; row--) {
      int least = 0;
      for (int piece = 1; piece < pieces; piece++) {
        least = tokens[piece] < tokens[least] ? piece : least;
      }
      dealt.get(least).add(sorted.get(row));
      tokens[least] += sorted.get(row).length();
    }
    return dealt;
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

  /** A micro-batch as the model gets it. */
  Batch leaf(int leaf, int context) {
    return packed ? Batch.packed(leaves.get(leaf), context) : Batch.of(leaves.get(leaf), context);
  }

  /** The part of all computed positions that is padding, over all leaves. */
  double paddingShare() {
    long positions =
        packed
            ? tokens
            : leaves.stream().mapToLong(rows -> (long) rows.size() * longest(rows)).sum();
    return 1 - (double) tokens / positions;
  }

  private static int longest(List<Example> rows) {
    return rows.stream().mapToInt(Example::length).max().orElseThrow();
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
