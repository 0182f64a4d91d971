package dev.troupe.lm;

import dev.troupe.lm.internal.TokenGrid;
import java.util.Arrays;
import java.util.List;

/**
 * Examples that go through the model together: padded on the right to one rectangle, or packed one
 * behind the other without padding. Attention is causal, so a token never sees the padding behind
 * it, and it never crosses from one packed example into another, whose positions start again at 0.
 * Both give the same loss and gradients, up to rounding. Packed neighbours of one length go through
 * attention together, so that many short examples are quicker in the order of their lengths.
 */
public final class Batch {

  /** A target that does not count. */
  private static final int IGNORED = -100;

  private final List<Example> examples;
  private final TokenGrid grid;
  private final int countedTokens;

  private Batch(List<Example> examples, TokenGrid grid) {
    this.examples = List.copyOf(examples);
    this.grid = grid;
    countedTokens = examples.stream().mapToInt(Example::countedTokens).sum();
  }

  /**
   * Pads to the longest example.
   *
   * @throws IllegalArgumentException if there are no examples, one is empty, or one is longer than
   *     {@code context}
   */
  public static Batch of(List<Example> examples, int context) {
    check(examples, context);
    int time = examples.stream().mapToInt(Example::length).max().orElseThrow();
    int[] starts = new int[examples.size()];
    Arrays.setAll(starts, row -> row * time);
    return new Batch(examples, grid(examples, starts, examples.size(), time, new int[0]));
  }

  /**
   * Packs: as many positions are computed as there are tokens.
   *
   * @throws IllegalArgumentException as {@link #of}
   */
  public static Batch packed(List<Example> examples, int context) {
    check(examples, context);
    int[] starts = new int[examples.size()];
    int end = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = end;
      end = Math.addExact(end, examples.get(i).length());
    }
    int[] lengths = examples.stream().mapToInt(Example::length).toArray();
    return new Batch(examples, grid(examples, starts, 1, end, lengths));
  }

  private static void check(List<Example> examples, int context) {
    if (examples.isEmpty()) {
      throw new IllegalArgumentException("examples: none (expected: at least 1)");
    }
    for (int i = 0; i < examples.size(); i++) {
      int length = examples.get(i).length();
      if (length < 1 || length > context) {
        throw new IllegalArgumentException(
            "example %d: %d tokens (expected: 1 to the model's context of %d; shorten it or set a smaller maxLength)"
                .formatted(i, length, context));
      }
    }
  }

  /** Writes each example to its start. */
  private static TokenGrid grid(
      List<Example> examples, int[] starts, int rows, int time, int[] lengths) {
    long[] ids = new long[Math.multiplyExact(rows, time)];
    long[] targets = new long[ids.length];
    Arrays.fill(targets, IGNORED);
    for (int i = 0; i < starts.length; i++) {
      Example example = examples.get(i);
      for (int t = 0; t < example.length(); t++) {
        ids[starts[i] + t] = example.tokens()[t];
        if (t > 0 && example.counted()[t]) {
          targets[starts[i] + t - 1] = example.tokens()[t];
        }
      }
    }
    return new TokenGrid(ids, targets, rows, lengths);
  }

  /** Examples. */
  public int rows() {
    return examples.size();
  }

  /** Positions of an example that are computed: its tokens, and its padding. */
  public int length(int row) {
    return isPacked() ? examples.get(row).length() : grid.time();
  }

  /** Positions that are computed in all. */
  public int positions() {
    return grid.ids().length;
  }

  /** Whether examples lie one behind the other. */
  public boolean isPacked() {
    return grid.isPacked();
  }

  /** Positions whose prediction the loss counts. */
  public int countedTokens() {
    return countedTokens;
  }

  List<Example> examples() {
    return examples;
  }

  TokenGrid grid() {
    return grid;
  }

  /** Tokens of the longest example. */
  int longest() {
    return examples.stream().mapToInt(Example::length).max().orElseThrow();
  }
}
