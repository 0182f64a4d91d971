package dev.troupe.cli.command;

import dev.troupe.cli.internal.Format;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.Table;
import java.util.List;
import java.util.Map;

/** Pricing models are back-tested on a simulated market whose truth is known. */
final class PricingDemo implements Demo {

  @Override
  public String workload() {
    return "demo-pricing";
  }

  @Override
  public Map<String, Object> options(int workers) {
    return Map.of();
  }

  @Override
  public List<String> figures() {
    return List.of(
        "times", "quotes", "priced", "recovered", "scores", "dieboldMariano", "pricesSha256");
  }

  @Override
  public void print(Io io, Map<String, Object> figures, Map<String, Object> result) {
    io.out().println(io.outStyle().bold("What the market was made of, and what the fits found:"));
    Table table = new Table("PARAMETER", "TRUTH", "MEAN OF FITS");
    if (figures.get("recovered") instanceof List<?> rows) {
      for (Object row : rows) {
        if (row instanceof Map<?, ?> values) {
          table.row(
              values.get("parameter"), number(values.get("truth")), number(values.get("found")));
        }
      }
    }
    table.print(io);
    io.out().println();
    io.out().println(io.outStyle().bold("Errors of prices:"));
    io.out().println(result.get("table"));
    io.out().println();
    io.out().println("priced quotes       " + number(figures.get("priced")));
    io.out().println("prices SHA-256      " + figures.get("pricesSha256"));
    io.out().println();
    io.out().println("Report: " + figures.get("report"));
  }

  private static String number(Object value) {
    return value instanceof Number n ? Format.number(n.doubleValue()) : String.valueOf(value);
  }
}
