package dev.troupe.pricing.fd;

/**
 * Size of a grid, in intervals: nodes are one more.
 *
 * @param spot of the forward, at least 8
 * @param variance at least 4; not used when variance is known
 * @param rate of the short rate, at least 2, the last odd one left out; not used when prices do not
 *     depend on it
 * @param steps of time, at least 3
 */
public record Grid(int spot, int variance, int rate, int steps) {

  /**
   * @throws IllegalArgumentException if a size is too small
   */
  public Grid {
    atLeast("grid.spot", spot, 8);
    atLeast("grid.variance", variance, 4);
    atLeast("grid.rate", rate, 2);
    atLeast("grid.steps", steps, 3);
  }

  /** This grid with every step of space and time so many times smaller. */
  public Grid refined(double factor) {
    return new Grid(
        Math.max(8, (int) Math.round(spot * factor)),
        Math.max(4, (int) Math.round(variance * factor)),
        Math.max(2, (int) Math.round(rate * factor)),
        Math.max(3, (int) Math.round(steps * factor)));
  }

  private static void atLeast(String field, int value, int bound) {
    if (value < bound) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: >= " + bound + ")");
    }
  }
}
