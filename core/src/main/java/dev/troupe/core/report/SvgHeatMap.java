package dev.troupe.core.report;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Draws a heat map as SVG that the page's style sheet colours. */
final class SvgHeatMap {

  private static final double WIDTH = 640;
  private static final double LEFT = 118;
  private static final double RIGHT = 14;
  private static final double TOP = 8;
  private static final double ROW = 40;
  private static final double BOTTOM = 46;

  /** Of the largest value; a text must still be read on it. */
  private static final double DARKEST = 0.65;

  private SvgHeatMap() {}

  static String draw(HeatMap map) {
    double height = TOP + ROW * map.rows().size() + BOTTOM;
    double width = (WIDTH - LEFT - RIGHT) / map.columns().size();
    double most =
        map.values().stream()
            .flatMap(List::stream)
            .filter(Objects::nonNull)
            .mapToDouble(Double::doubleValue)
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg class=\"plot\" viewBox=\"0 0 %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n",
            WIDTH,
            height,
            Html.escape(map.title())));
    for (int r = 0; r < map.rows().size(); r++) {
      double y = TOP + ROW * r;
      svg.append(text("tick end", LEFT - 8, y + ROW / 2 + 4, map.rows().get(r)));
      for (int c = 0; c < map.columns().size(); c++) {
        cell(svg, LEFT + width * c, y, width, map.values().get(r).get(c), most);
      }
    }
    for (int c = 0; c < map.columns().size(); c++) {
      svg.append(text("tick middle", LEFT + width * (c + 0.5), height - 28, map.columns().get(c)));
    }
    svg.append(text("label middle", (LEFT + WIDTH - RIGHT) / 2, height - 8, map.x()));
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"label middle\" transform=\"translate(13 %.1f) rotate(-90)\">%s</text>\n",
            (height - BOTTOM + TOP) / 2,
            Html.escape(map.y())));
    return svg.append("</svg>\n").toString();
  }

  private static void cell(
      StringBuilder svg, double x, double y, double width, Double value, double most) {
    boolean known = value != null && Double.isFinite(value);
    double shade = known && most > 0 ? DARKEST * Math.max(0, value) / most : 0;
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect class=\"cell\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill-opacity=\"%.3f\"/>\n",
            x,
            y,
            width,
            ROW,
            shade));
    if (known) {
      svg.append(text("middle", x + width / 2, y + ROW / 2 + 4, Numbers.format(value)));
    }
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
