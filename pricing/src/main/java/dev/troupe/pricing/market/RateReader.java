package dev.troupe.pricing.market;

import dev.troupe.core.InputException;
import dev.troupe.pricing.market.internal.TextTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads par yields, as the U.S. Treasury publishes them: a row a day, a column {@code date} (or
 * {@code time}), and columns that end in a maturity ({@code 3MONTH}, {@code 1 Mo}, {@code
 * BC_10YEAR}), in percent. An empty value or 0.0 is missing.
 */
public final class RateReader {

  private static final Pattern MATURITY =
      Pattern.compile("(?:.*[^0-9.])?(\\d+(?:\\.5)?)[ _]?(m|mo|month|y|yr|year)s?");

  private RateReader() {}

  private record Column(String name, double years) {}

  /**
   * Reads a file.
   *
   * @throws InputException if there is no column of days or of yields, a value is no number, or
   *     days are out of order
   */
  public static RateHistory read(Path file) {
    try (TextTable table = TextTable.open(file)) {
      List<String> selected = new ArrayList<>();
      selected.add(dayColumn(file, table.columns()));
      List<Column> yields = yieldColumns(file, table.columns());
      yields.forEach(c -> selected.add(c.name()));
      table.select(selected);
      return rows(table, yields);
    }
  }

  private static RateHistory rows(TextTable table, List<Column> columns) {
    List<Long> times = new ArrayList<>();
    List<double[]> rows = new ArrayList<>();
    while (table.next()) {
      double[] yields = new double[columns.size()];
      boolean any = false;
      for (int i = 0; i < yields.length; i++) {
        double percent = table.number(i + 1);
        yields[i] = percent == 0 ? Double.NaN : percent / 100;
        any |= !Double.isNaN(yields[i]);
      }
      if (any) { // a holiday may have a row without values
        times.add(day(table, times));
        rows.add(yields);
      }
    }
    if (times.isEmpty()) {
      throw new InputException(table.where() + ": no yields (expected: at least one day)");
    }
    return RateHistory.of(
        times.stream().mapToLong(Long::longValue).toArray(),
        columns.stream().mapToDouble(Column::years).toArray(),
        rows.toArray(double[][]::new));
  }

  private static long day(TextTable table, List<Long> before) {
    long time;
    try {
      time = MarketTime.parse(table.text(0));
    } catch (IllegalArgumentException e) {
      throw table.wrong(0, e.getMessage());
    }
    if (!before.isEmpty() && time <= before.get(before.size() - 1)) {
      throw table.wrong(
          0,
          "%s after %s (expected: days in order)"
              .formatted(table.text(0), MarketTime.text(before.get(before.size() - 1))));
    }
    return time;
  }

  private static String dayColumn(Path file, List<String> columns) {
    return columns.stream()
        .filter(c -> c.equalsIgnoreCase("date") || c.equalsIgnoreCase("time"))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    file + ": no column date (expected: one; the file has " + columns + ")"));
  }

  private static List<Column> yieldColumns(Path file, List<String> columns) {
    List<Column> yields = new ArrayList<>();
    for (String name : columns) {
      Matcher matcher = MATURITY.matcher(name.toLowerCase(Locale.ROOT));
      if (matcher.matches()) {
        double number = Double.parseDouble(matcher.group(1));
        yields.add(new Column(name, matcher.group(2).startsWith("m") ? number / 12 : number));
      }
    }
    if (yields.isEmpty()) {
      throw new InputException(
          "%s: no column of yields (expected: names that end in a maturity, as 3MONTH or 10YEAR; the file has %s)"
              .formatted(file, columns));
    }
    yields.sort(Comparator.comparingDouble(Column::years));
    return yields;
  }
}
