package dev.troupe.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Token ids of one training example, and which of them the loss counts as targets. The first token
 * is never a target (nothing precedes it).
 */
public final class Example {

  private final int[] tokens;
  private final boolean[] counted;

  /**
   * Of ids and marks; neither array is copied.
   *
   * @param counted as long as tokens; {@code counted[t]} says that predicting token t counts
   */
  public Example(int[] tokens, boolean[] counted) {
    if (tokens.length != counted.length) {
      throw new IllegalArgumentException(
          "counted: length " + counted.length + " (expected: tokens' " + tokens.length + ")");
    }
    this.tokens = tokens;
    this.counted = counted;
  }

  /** All tokens count. */
  public static Example of(int[] tokens) {
    boolean[] counted = new boolean[tokens.length];
    Arrays.fill(counted, true);
    return new Example(tokens, counted);
  }

  /** Cuts into consecutive pieces of {@code most} tokens; what is left over makes the last. */
  public List<Example> pieces(int most) {
    List<Example> pieces = new ArrayList<>();
    for (int from = 0; from < tokens.length; from += most) {
      int to = Math.min(from + most, tokens.length);
      pieces.add(
          new Example(Arrays.copyOfRange(tokens, from, to), Arrays.copyOfRange(counted, from, to)));
    }
    return pieces;
  }

  /** Ids; not a copy. */
  public int[] tokens() {
    return tokens;
  }

  /** Whether the prediction of each token counts; not a copy. */
  public boolean[] counted() {
    return counted;
  }

  public int length() {
    return tokens.length;
  }

  /** Number of targets that the loss counts. */
  public int countedTokens() {
    int n = 0;
    for (int t = 1; t < counted.length; t++) {
      n += counted[t] ? 1 : 0;
    }
    return n;
  }
}
