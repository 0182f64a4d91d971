package dev.troupe.cli.internal;

import dev.troupe.proto.v1.Job;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Prints what a job gave back: a figure a line; a text of several lines whole, below its name.
 * Lists that are as long as the result's first one, if there are two or more, are the columns of a
 * table below.
 */
public final class ResultPrinter {

  private ResultPrinter() {}

  public static void print(Io io, OutputOptions output, Job job) {
    Map<String, Object> result = Json.fromStruct(job.getResult());
    if (output.printStructured(io, result)) {
      return;
    }
    if (output.form() == OutputOptions.Form.name) {
      io.out().println(job.getId());
      return;
    }
    boolean wide = output.form() == OutputOptions.Form.wide;
    if (!wide) {
      result.values().removeIf(Objects::isNull);
    }
    Map<String, List<?>> columns = columns(result);
    result.keySet().removeAll(columns.keySet());
    int width = result.keySet().stream().mapToInt(String::length).max().orElse(0);
    result.forEach(
        (name, value) -> {
          boolean block = value instanceof String text && text.contains("\n");
          String gap = block ? "\n" : " ".repeat(width - name.length() + 2);
          String shown = block ? value + "\n" : Format.value(value, wide);
          io.out().println(io.outStyle().bold(name) + gap + shown);
        });
    if (!columns.isEmpty()) {
      table(columns, wide).print(io);
    }
  }

  /** Lists of single values that belong together: at least two rows, at least two columns. */
  private static Map<String, List<?>> columns(Map<String, Object> result) {
    Map<String, List<?>> columns = new LinkedHashMap<>();
    int rows = 0;
    for (Map.Entry<String, Object> entry : result.entrySet()) {
      if (entry.getValue() instanceof List<?> list
          && list.size() > 1
          && (rows == 0 || list.size() == rows)
          && list.stream().noneMatch(v -> v instanceof Collection || v instanceof Map)) {
        rows = list.size();
        columns.put(entry.getKey(), list);
      }
    }
    return columns.size() > 1 ? columns : Map.of();
  }

  private static Table table(Map<String, List<?>> columns, boolean wide) {
    Table table = new Table(columns.keySet().toArray(String[]::new));
    int rows = columns.values().iterator().next().size();
    for (int row = 0; row < rows; row++) {
      int index = row;
      table.row(
          columns.values().stream().map(column -> Format.value(column.get(index), wide)).toArray());
    }
    return table;
  }
}
