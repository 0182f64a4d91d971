package dev.troupe.lm;

import java.util.Arrays;
import java.util.List;

/**
 * Examples padded on the right to one rectangle. Attention is causal, so a token never sees the
 * padding behind it, and no mask is needed.
 */
public final class Batch {

  /** In {@link #targets}: this position does not count. */
  public static final int IGNORED = -100;

  private final int rows;
  private final int time;
  private final long[] ids;
  private final long[] targets;
  private final int countedTokens;

  private Batch(int rows, int time, long[] ids, long[] targets, int countedTokens) {
    this.rows = rows;
    this.time = time;
    this.ids = ids;
    this.targets = targets;
    this.countedTokens = countedTokens;
  }

  /**
   * Pads to the longest example.
   *
   * @throws IllegalArgumentException if there are no examples, one is empty, or one is longer than
   *     {@code context}
   */
  public static Batch of(List<Example> examples, int context) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("examples: none (expected: at least 1)");
    }
    int time = 0;
    for (int i = 0; i < examples.size(); i++) {
      int length = examples.get(i).length();
      if (length < 1 || length > context) {
        throw new IllegalArgumentException(
            "example %d: %d tokens (expected: 1 to the model's context of %d; shorten it or set a smaller maxLength)"
                .formatted(i, length, context));
      }
      time = Math.max(time, length);
    }
    long[] ids = new long[examples.size() * time];
    long[] targets = new long[ids.length];
    Arrays.fill(targets, IGNORED);
    int counted = 0;
    for (int i = 0; i < examples.size(); i++) {
      Example example = examples.get(i);
      for (int t = 0; t < example.length(); t++) {
        ids[i * time + t] = example.tokens()[t];
        if (t > 0 && example.counted()[t]) {
          targets[i * time + t - 1] = example.tokens()[t];
          counted++;
        }
      }
    }
    return new Batch(examples.size(), time, ids, targets, counted);
  }

  public int rows() {
    return rows;
  }

  public int time() {
    return time;
  }

  /** Positions whose prediction the loss counts. */
  public int countedTokens() {
    return countedTokens;
  }

  /** Ids, {@code [rows, time]}, row by row; padding is 0. */
  long[] ids() {
    return ids;
  }

  /** The token that each position is to predict, {@code [rows, time]}, or {@link #IGNORED}. */
  long[] targets() {
    return targets;
  }
}
