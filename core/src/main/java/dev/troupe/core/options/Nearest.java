package dev.troupe.core.options;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what a user who mistyped a name most likely meant. */
public final class Nearest {

  private Nearest() {}

  /**
   * The candidate that is the fewest edits away, if that is close enough to be a typing error: at
   * most a third of the longer name's letters. Case, dashes and underscores count for nothing. Of
   * equals, the first in alphabetical order.
   */
  public static Optional<String> to(String name, Collection<String> candidates) {
    String plain = plain(name);
    return candidates.stream()
        .filter(c -> distance(plain, plain(c)) <= Math.max(plain.length(), plain(c).length()) / 3)
        .min(
            Comparator.comparingInt((String c) -> distance(plain, plain(c)))
                .thenComparing(Comparator.naturalOrder()));
  }

  /**
   * The least number of single-character insertions, deletions, substitutions and swaps of two
   * neighbours that turn {@code a} into {@code b} (optimal string alignment).
   */
  public static int distance(String a, String b) {
    int[][] edits = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          edits[i][j] = i + j;
          continue;
        }
        int substitution = edits[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        int best = Math.min(substitution, Math.min(edits[i - 1][j], edits[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        edits[i][j] = swapped ? Math.min(best, edits[i - 2][j - 2] + 1) : best;
      }
    }
    return edits[a.length()][b.length()];
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }
}
