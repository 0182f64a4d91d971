package dev.troupe.lm;

import java.util.Arrays;

/**
 * Token ids of one training example, and which of them the loss counts as targets. The first token
 * is never a target (nothing precedes it).
 *
 * @param tokens ids
 * @param counted as long as tokens; {@code counted[t]} says that predicting token t counts
 */
public record Example(int[] tokens, boolean[] counted) {

  public Example {
    if (tokens.length != counted.length) {
      throw new IllegalArgumentException(
          "counted: length " + counted.length + " (expected: tokens' " + tokens.length + ")");
    }
  }

  /** All tokens count. */
  public static Example of(int[] tokens) {
    boolean[] counted = new boolean[tokens.length];
    Arrays.fill(counted, true);
    return new Example(tokens, counted);
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

  @Override
  public boolean equals(Object other) {
    return other instanceof Example that
        && Arrays.equals(tokens, that.tokens)
        && Arrays.equals(counted, that.counted);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(tokens) + Arrays.hashCode(counted);
  }
}
