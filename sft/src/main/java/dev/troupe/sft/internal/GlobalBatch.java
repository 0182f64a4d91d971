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
 * <p>Rows are sorted by length before the cut, so that little is padded, and the leaves are then
 * folded (shortest, longest, second shortest, ...), so that neighbours, which are likely to share a
 * rank, make about equal work.
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

  /** Cuts the given rows of {@code data} into {@code microBatches}. */
  static GlobalBatch of(Dataset data, int[] rows, int microBatches) {
    List<Example> sorted =
        Arrays.stream(rows)
            .mapToObj(data.examples()::get)
            .sorted(Comparator.comparingInt(Example::length)) // stable: ties keep their order
            .toList();
    List<List<Example>> leaves = new ArrayList<>();
    for (int leaf = 0; leaf < microBatches; leaf++) {
      int group = leaf % 2 == 0 ? leaf / 2 : microBatches - 1 - leaf / 2;
      int from = (int) ((long) group * rows.length / microBatches);
      int to = (int) ((long) (group + 1) * rows.length / microBatches);
      leaves.add(sorted.subList(from, to));
    }
    return new GlobalBatch(
        leaves,
        sorted.stream().mapToLong(Example::length).sum(),
        sorted.stream().mapToLong(Example::countedTokens).sum());
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
