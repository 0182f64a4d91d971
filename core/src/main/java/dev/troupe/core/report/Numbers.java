package dev.troupe.core.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How numbers are written for people: ticks at round values, four significant digits. */
final class Numbers {

  private Numbers() {}

  /** Round values (1, 2 or 5 times a power of ten apart) within {@code [low, high]}. */
  static List<Double> ticks(double low, double high, int about) {
    double step = niceStep((high - low) / about);
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }

  private static double niceStep(double raw) {
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double mantissa = raw / power;
    double nice = mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10;
    return nice * power;
  }

  /** As in {@code 0.01234}, {@code 3.142}, {@code 15,310}, {@code 1.2e-07}. */
  static String format(double value) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-4 || size >= 1e12)) {
      return "%.3g".formatted(value);
    }
    if (size >= 1000) {
      return String.format(Locale.ROOT, "%,.0f", value);
    }
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros();
    return rounded.signum() == 0 ? "0" : rounded.toPlainString();
  }

  /** A cell of a table or a tile. */
  static String cell(Object value) {
    if (value instanceof Double || value instanceof Float) {
      return format(((Number) value).doubleValue());
    }
    if (value instanceof Number n) {
      return String.format(Locale.ROOT, "%,d", n.longValue());
    }
    return String.valueOf(value);
  }
}
