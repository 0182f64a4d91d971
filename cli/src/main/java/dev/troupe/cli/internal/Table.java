package dev.troupe.cli.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Columns as wide as their widest cell, two spaces apart. On a terminal the last column is wrapped
 * at its edge.
 */
public final class Table {

  /** A cell: its text, and its colour, which takes no width. */
  public record Cell(String text, UnaryOperator<String> colour) {
    public static Cell of(String text) {
      return new Cell(text, UnaryOperator.identity());
    }
  }

  /** A narrower last column is not wrapped. */
  private static final int LEAST_WRAPPED = 20;

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

  /** Prints to where results go. */
  public void print(Io io) {
    print(io.out(), io.outStyle(), io.outIsTerminal() ? io.columns() : Integer.MAX_VALUE);
  }

  private void print(PrintStream out, Style style, int columns) {
    int[] widths = new int[headers.size()];
    for (int column = 0; column < widths.length; column++) {
      widths[column] = headers.get(column).length();
      for (List<Cell> row : rows) {
        widths[column] = Math.max(widths[column], row.get(column).text().length());
      }
    }
    List<Cell> head = headers.stream().map(h -> new Cell(h, style::bold)).toList();
    printRow(out, head, widths);
    int last = widths.length - 1;
    int indent = Arrays.stream(widths, 0, last).map(width -> width + 2).sum();
    for (List<Cell> row : rows) {
      List<String> lines = wrap(row.get(last).text(), columns - indent);
      List<Cell> first = new ArrayList<>(row.subList(0, last));
      first.add(new Cell(lines.get(0), row.get(last).colour()));
      printRow(out, first, widths);
      for (String line : lines.subList(1, lines.size())) {
        out.println(" ".repeat(indent) + row.get(last).colour().apply(line));
      }
    }
  }

  /** Lines of at most {@code width}, broken between words; one line if there is hardly room. */
  private static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    String rest = text;
    while (width >= LEAST_WRAPPED && rest.length() > width) {
      int space = rest.lastIndexOf(' ', width);
      if (space <= 0) {
        break;
      }
      lines.add(rest.substring(0, space));
      rest = rest.substring(space + 1);
    }
    lines.add(rest);
    return lines;
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
