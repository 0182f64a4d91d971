package dev.troupe.core.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Draws a {@link Plot} as inline SVG: axes with round ticks, a grid, a legend, and a title on each
 * point that a browser shows under the pointer. Colours come from the page's style sheet, so that
 * they follow its light and dark forms.
 */
final class SvgPlot {

  /** Points drawn of a line; longer lines are thinned to each stretch's lowest and highest. */
  private static final int DRAWN = 400;

  /** Points that answer to the pointer. */
  private static final int HOVERED = 120;

  /** So few points are drawn large. */
  private static final int FEW = 10;

  private static final int COLOURS = 6;
  private static final double WIDTH = 640;
  private static final double HEIGHT = 300;
  private static final double LEFT = 76;
  private static final double RIGHT = 14;
  private static final double TOP = 14;
  private static final double LEGEND = 18;
  private static final double BOTTOM = 46;

  private final Plot plot;
  private final List<Point> legend;
  private final double top;
  private final StringBuilder svg = new StringBuilder();
  private double lowX = Double.POSITIVE_INFINITY;
  private double highX = Double.NEGATIVE_INFINITY;
  private double lowY = Double.POSITIVE_INFINITY;
  private double highY = Double.NEGATIVE_INFINITY;

  private record Point(double x, double y) {}

  private SvgPlot(Plot plot) {
    this.plot = plot;
    legend = legend(plot.lines());
    top = legend.isEmpty() ? TOP : legend.get(legend.size() - 1).y + LEGEND;
  }

  static String draw(Plot plot) {
    return new SvgPlot(plot).draw();
  }

  private String draw() {
    List<List<Point>> lines = plot.lines().stream().map(this::points).toList();
    findRange(lines);
    svg.append(
        "<svg class=\"plot\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n"
            .formatted(WIDTH, HEIGHT, Html.escape(plot.title())));
    axes();
    for (int i = 0; i < lines.size(); i++) {
      if (plot.mark() == Plot.Mark.POINTS) {
        points(lines.get(i), i % COLOURS);
      } else {
        line(plot.lines().get(i).name(), lines.get(i), i % COLOURS);
      }
    }
    legend();
    return svg.append("</svg>\n").toString();
  }

  private List<Point> points(Plot.Line line) {
    List<Point> points = new ArrayList<>(line.x().size());
    for (int i = 0; i < line.x().size(); i++) {
      points.add(new Point(line.x().get(i), line.y().get(i)));
    }
    return points;
  }

  private void findRange(List<List<Point>> lines) {
    for (List<Point> line : lines) {
      for (Point p : line) {
        if (finite(p)) {
          lowX = Math.min(lowX, p.x());
          highX = Math.max(highX, p.x());
          lowY = Math.min(lowY, p.y());
          highY = Math.max(highY, p.y());
        }
      }
    }
    if (lowX > highX) { // nothing finite to show: empty axes
      lowX = lowY = 0;
      highX = highY = 1;
    }
    if (lowY > 0 && lowY < 0.4 * highY) {
      lowY = 0;
    }
    double spanY = highY - lowY;
    double margin = spanY > 0 ? 0.05 * spanY : Math.max(Math.abs(highY) * 0.1, 1e-9);
    highY += margin;
    lowY -= lowY == 0 && spanY > 0 ? 0 : margin;
    if (highX == lowX) {
      highX = lowX + 1;
    }
  }

  private void axes() {
    double bottom = HEIGHT - BOTTOM;
    double right = WIDTH - RIGHT;
    for (double tick : Numbers.ticks(lowY, highY, 5)) {
      svg.append(segment("grid", LEFT, sy(tick), right, sy(tick)));
      svg.append(text("tick end", LEFT - 7, sy(tick) + 4, Numbers.format(tick)));
    }
    for (double tick : Numbers.ticks(lowX, highX, 7)) {
      svg.append(segment("grid", sx(tick), top, sx(tick), bottom));
      svg.append(text("tick middle", sx(tick), bottom + 17, Numbers.format(tick)));
    }
    svg.append(segment("axis", LEFT, bottom, right, bottom));
    svg.append(segment("axis", LEFT, top, LEFT, bottom));
    svg.append(text("label middle", (LEFT + right) / 2, HEIGHT - 8, plot.x()));
    double middle = (top + bottom) / 2;
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"label middle\" transform=\"translate(13 %.1f) rotate(-90)\">%s</text>\n",
            middle,
            Html.escape(plot.y())));
  }

  private void points(List<Point> points, int colour) {
    double radius = points.size() <= FEW ? 6 : 2.5;
    for (Point p : points) {
      if (finite(p)) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<circle class=\"point c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n",
                colour,
                sx(p.x()),
                sy(p.y()),
                radius));
      }
    }
  }

  private void line(String name, List<Point> points, int colour) {
    StringBuilder path = new StringBuilder();
    boolean pen = false;
    for (Point p : thinned(points)) {
      if (finite(p)) {
        path.append(
            String.format(Locale.ROOT, "%s%.1f %.1f", pen ? "L" : "M", sx(p.x()), sy(p.y())));
      }
      pen = finite(p);
    }
    svg.append("<path class=\"line c%d\" d=\"%s\"/>\n".formatted(colour, path));
    int stride = Math.max(1, points.size() / HOVERED);
    for (int i = points.size() - 1; i >= 0; i -= stride) {
      Point p = points.get(i);
      if (finite(p)) {
        svg.append(
            String.format(
                Locale.ROOT,
                "<circle class=\"dot c%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"><title>%s, %s %s: %s</title></circle>\n",
                colour,
                sx(p.x()),
                sy(p.y()),
                Html.escape(name),
                Html.escape(plot.x()),
                Numbers.format(p.x()),
                Numbers.format(p.y())));
      }
    }
  }

  /** The lowest and the highest point of each of {@code DRAWN / 2} stretches, in order. */
  private static List<Point> thinned(List<Point> points) {
    if (points.size() <= DRAWN) {
      return points;
    }
    List<Point> kept = new ArrayList<>(DRAWN);
    int stretches = DRAWN / 2;
    for (int s = 0; s < stretches; s++) {
      int from = (int) ((long) s * points.size() / stretches);
      int to = (int) ((long) (s + 1) * points.size() / stretches);
      int low = from;
      int high = from;
      for (int i = from; i < to; i++) {
        low = points.get(i).y() < points.get(low).y() ? i : low;
        high = points.get(i).y() > points.get(high).y() ? i : high;
      }
      kept.add(points.get(Math.min(low, high)));
      if (low != high) {
        kept.add(points.get(Math.max(low, high)));
      }
    }
    return kept;
  }

  private void legend() {
    for (int i = 0; i < legend.size(); i++) {
      Point at = legend.get(i);
      svg.append(segment("line c" + i % COLOURS, at.x, at.y, at.x + 18, at.y));
      svg.append(text("tick", at.x + 23, at.y + 4, plot.lines().get(i).name()));
    }
  }

  /** Where each line's name goes, in as many rows as it takes; nowhere if there is one line. */
  private static List<Point> legend(List<Plot.Line> lines) {
    List<Point> places = new ArrayList<>();
    double x = LEFT;
    double y = TOP;
    for (Plot.Line line : lines.size() > 1 ? lines : List.<Plot.Line>of()) {
      double width = 42 + 5.8 * line.name().length();
      if (x > LEFT && x + width > WIDTH - RIGHT) {
        x = LEFT;
        y += LEGEND;
      }
      places.add(new Point(x, y));
      x += width;
    }
    return places;
  }

  private static boolean finite(Point p) {
    return Double.isFinite(p.x()) && Double.isFinite(p.y());
  }

  private double sx(double x) {
    return LEFT + (x - lowX) / (highX - lowX) * (WIDTH - LEFT - RIGHT);
  }

  private double sy(double y) {
    return HEIGHT - BOTTOM - (y - lowY) / (highY - lowY) * (HEIGHT - top - BOTTOM);
  }

  private static String segment(String style, double x1, double y1, double x2, double y2) {
    return String.format(
        Locale.ROOT,
        "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
        style,
        x1,
        y1,
        x2,
        y2);
  }

  private static String text(String style, double x, double y, String content) {
    return String.format(
        Locale.ROOT,
        "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>\n",
        style,
        x,
        y,
        Html.escape(content));
  }
}
