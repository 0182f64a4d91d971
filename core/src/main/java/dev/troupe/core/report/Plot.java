package dev.troupe.core.report;

import java.util.List;

/**
 * A plot of lines, or of points.
 *
 * @param title above it
 * @param x the label of the horizontal axis, with its unit
 * @param y the label of the vertical axis, with its unit
 * @param lines at least one; shown in this order, in colours of their own
 * @param mark how each is drawn
 */
public record Plot(String title, String x, String y, List<Line> lines, Mark mark) {

  /** How values are drawn. */
  public enum Mark {
    /** Each joined to the next. */
    LINE,
    /** Each by itself; their order does not matter. */
    POINTS
  }

  /**
   * One line. Points that are not finite leave a gap.
   *
   * @param name for the legend
   * @param x ascending, where they are joined
   * @param y as many as x
   */
  public record Line(String name, List<Double> x, List<Double> y) {

    public Line {
      if (x.size() != y.size()) {
        throw new IllegalArgumentException(
            "line %s: %d values of y (expected: as many as x, %d)"
                .formatted(name, y.size(), x.size()));
      }
      x = List.copyOf(x);
      y = List.copyOf(y);
    }
  }

  public Plot {
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("lines: none (expected: at least 1)");
    }
    lines = List.copyOf(lines);
  }

  /** A plot of lines. */
  public Plot(String title, String x, String y, List<Line> lines) {
    this(title, x, y, lines, Mark.LINE);
  }

  /** A plot of one line. */
  public static Plot of(
      String title, String xLabel, String yLabel, List<Double> x, List<Double> y) {
    return new Plot(title, xLabel, yLabel, List.of(new Line(yLabel, x, y)));
  }
}
