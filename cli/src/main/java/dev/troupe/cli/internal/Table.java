package dev.troupe.cli.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Columns as wide as their widest cell, two spaces apart. */
public final class Table {

  /** A cell: its text, and its colour, which takes no width. */
  public record Cell(String text, UnaryOperator<String> colour) {
    public static Cell of(String text) {
      return new Cell(text, UnaryOperator.identity());
    }
  }

  private final List<String> headers;
  private final List<List<Cell>> rows = new ArrayList<>();

  public Table(String... headers) {
    this.headers = List.of(headers);
  }

  /** Adds a row; a String is a cell without colour. */
  public Table row(Object... cells) {
    List<Cell> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(cell instanceof Cell c ? c : Cell.of(String.valueOf(cell)));
    }
    rows.add(row);
    return this;
  }

  public void print(PrintStream out, Style style) {
    int[] widths = new int[headers.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = headers.get(column).length();
      for (List<Cell> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).text().length());
      }
    }
    List<Cell> head = headers.stream().map(h -> new Cell(h, style::bold)).toList();
    printRow(out, head, widths);
    for (List<Cell> row : rows) {
      printRow(out, row, widths);
    }
  }

  private static void printRow(PrintStream out, List<Cell> row, int[] widths) {
    int last = row.size() - 1;
    while (last > 0 && row.get(last).text().isEmpty()) {
      last--;
    }
    StringBuilder line = new StringBuilder();
    for (int column = 0; column <= last; column++) {
      Cell cell = row.get(column);
      line.append(cell.colour().apply(cell.text()));
      if (column < last) {
        line.append(" ".repeat(widths[column] - cell.text().length() + 2));
      }
    }
    out.println(line);
  }
}
