package dev.troupe.cli.command;

import dev.troupe.cli.internal.Format;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.Style;
import dev.troupe.cli.internal.Table;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A small language model learns to follow instructions. */
final class SftDemo implements Demo {

  @Override
  public String workload() {
    return "demo";
  }

  @Override
  public Map<String, Object> options(int workers) {
    return Map.of("workers", workers);
  }

  @Override
  public List<String> figures() {
    return List.of(
        "lossBefore",
        "lossAfter",
        "exactMatchBefore",
        "exactMatchAfter",
        "tokensPerSecond",
        "allReduceShare",
        "weightsSha256");
  }

  @Override
  public void print(Io io, Map<String, Object> figures, Map<String, Object> result) {
    Style style = io.outStyle();
    Table table = new Table("", "BEFORE", "AFTER");
    table.row("loss", number(figures.get("lossBefore")), number(figures.get("lossAfter")));
    table.row(
        "held-out exact match",
        percent(figures.get("exactMatchBefore")),
        percent(figures.get("exactMatchAfter")));
    perKind(table, result.get("perKind"));
    table.print(io);
    io.out().println();
    io.out().println("tokens/s            " + number(figures.get("tokensPerSecond")));
    io.out().println("all-reduce share    " + percent(figures.get("allReduceShare")));
    io.out().println("weights SHA-256     " + figures.get("weightsSha256"));
    if (result.get("samples") instanceof List<?> samples && !samples.isEmpty()) {
      io.out().println();
      io.out().println(style.bold("Prompts it had not seen, with its answers:"));
      samples.forEach(sample -> sample(io, sample));
    }
    io.out().println();
    io.out().println("Report: " + figures.get("report"));
  }

  private static void perKind(Table table, Object perKind) {
    if (perKind instanceof List<?> kinds) {
      for (Object kind : kinds) {
        if (kind instanceof Map<?, ?> scores) {
          table.row(
              "  " + scores.get("kind"),
              percent(scores.get("exactMatchBefore")),
              percent(scores.get("exactMatchAfter")));
        }
      }
    }
  }

  private static void sample(Io io, Object sample) {
    if (sample instanceof Map<?, ?> map) {
      boolean right = Objects.equals(map.get("answer"), map.get("expected"));
      String verdict =
          right ? io.outStyle().green("✓") : io.outStyle().red("✗") + " " + map.get("expected");
      io.out().println("  " + map.get("prompt") + " → " + map.get("answer") + "  " + verdict);
    }
  }

  private static String number(Object value) {
    return value instanceof Number n ? Format.number(n.doubleValue()) : String.valueOf(value);
  }

  private static String percent(Object value) {
    return value instanceof Number n
        ? String.format(Locale.ROOT, "%.1f%%", 100 * n.doubleValue())
        : String.valueOf(value);
  }
}
