package dev.troupe.core.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A table of figures that are at least 0, the darker the larger.
 *
 * @param title above it
 * @param x what the columns are
 * @param y what the rows are
 * @param columns their names
 * @param rows their names
 * @param values by row and column; null where there is none
 */
public record HeatMap(
    String title,
    String x,
    String y,
    List<String> columns,
    List<String> rows,
    List<List<Double>> values) {

  /**
   * @throws IllegalArgumentException if there is not a value for each row and column
   */
  public HeatMap {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    int width = columns.size();
    if (values.size() != rows.size() || values.stream().anyMatch(r -> r.size() != width)) {
      throw new IllegalArgumentException(
          "values of %s: (expected: %d rows of %d)".formatted(title, rows.size(), width));
    }
    List<List<Double>> copy = new ArrayList<>();
    values.forEach(row -> copy.add(Collections.unmodifiableList(new ArrayList<>(row))));
    values = Collections.unmodifiableList(copy);
  }
}
