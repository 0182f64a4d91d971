package dev.troupe.core;

/**
 * How many ranks a gang may have. It starts once {@code min} slots can be had together, with as
 * many as are free up to {@code max}; it goes on as long as {@code min} are left, and grows at a
 * checkpoint when slots come free.
 *
 * @param min at least 1
 * @param max at least {@code min}
 */
public record GangSize(int min, int max) {

  public GangSize {
    if (min < 1 || max < min) {
      throw new IllegalArgumentException(
          "gang size: min " + min + ", max " + max + " (expected: 1 <= min <= max)");
    }
  }

  /** Exactly {@code ranks}. */
  public static GangSize of(int ranks) {
    return new GangSize(ranks, ranks);
  }

  /** From 1 to {@code max}. */
  public static GangSize upTo(int max) {
    return new GangSize(1, max);
  }
}
