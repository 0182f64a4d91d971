package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.options.OptionsSchema;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The scores as rows, for a result, a report and a terminal. */
final class Scores {

  /**
   * How wrong a model was. A figure that there is none of is null.
   *
   * @param hedge mean squared error of hedging by the deltas, over the first model's
   * @param fairHedge the same by deltas of least variance, over the first model's plain ones
   * @param microsPerPrice without the fit
   */
  record Row(
      String model,
      String scenario,
      int horizon,
      String segment,
      long quotes,
      Double mae,
      Double rmse,
      Double bias,
      Double mape,
      Double volRmse,
      Double inside,
      Double hedge,
      Double fairHedge,
      Double microsPerPrice) {}

  /**
   * Whether a model is worse than the first.
   *
   * @param statistic of Diebold and Mariano: positive where the model loses more
   */
  record Comparison(
      String model, String against, int horizon, Double statistic, Double pValue, int times) {}

  private final ScoreBoard board;
  private final BacktestOptions options;
  private final Costs costs;

  Scores(ScoreBoard board, BacktestOptions options, Costs costs) {
    this.board = board;
    this.options = options;
    this.costs = costs;
  }

  List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (String segment : board.segments()) {
      for (int horizon : options.horizons()) {
        for (String scenario : options.scenarios()) {
          for (Model model : options.models()) {
            Errors errors = board.errors(model, scenario, horizon, segment);
            if (errors != null) {
              rows.add(row(model, scenario, horizon, segment, errors));
            }
          }
        }
      }
    }
    return rows;
  }

  private Row row(Model model, String scenario, int horizon, String segment, Errors errors) {
    Errors first = board.errors(options.models().get(0), Scenario.BASE.name(), horizon, segment);
    double unit = first == null ? Double.NaN : first.hedge();
    return new Row(
        name(model),
        scenario,
        horizon,
        segment,
        errors.quotes(),
        known(errors.mae()),
        known(errors.rmse()),
        known(errors.bias()),
        known(errors.mape()),
        known(errors.volRmse()),
        known(errors.inside()),
        known(errors.hedge() / unit),
        known(errors.fairHedge() / unit),
        known(costs.microsPerPrice(model)));
  }

  List<Comparison> comparisons() {
    List<Comparison> comparisons = new ArrayList<>();
    Model first = options.models().get(0);
    for (int horizon : options.horizons()) {
      for (Model model : options.models().subList(1, options.models().size())) {
        DieboldMariano test = board.compare(model, first, horizon);
        comparisons.add(
            new Comparison(
                name(model),
                name(first),
                horizon,
                known(test.statistic()),
                known(test.pValue()),
                test.times()));
      }
    }
    return comparisons;
  }

  double microsPerPrice(Model model) {
    return costs.microsPerPrice(model);
  }

  static String name(Model model) {
    return OptionsSchema.enumText(model);
  }

  /** A horizon in words. */
  static String ahead(int horizon) {
    return horizon + (horizon == 1 ? " time ahead" : " times ahead");
  }

  private static Double known(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** A table for a terminal. */
  String text() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            "SEGMENT",
            "AHEAD",
            "MODEL",
            "SCENARIO",
            "QUOTES",
            "MAE",
            "RMSE",
            "BIAS",
            "MAPE",
            "VOL RMSE",
            "INSIDE",
            "HEDGE",
            "FAIR",
            "µs/PRICE"));
    for (Row row : rows()) {
      lines.add(
          List.of(
              row.segment(),
              Integer.toString(row.horizon()),
              row.model(),
              row.scenario(),
              String.format(Locale.ROOT, "%,d", row.quotes()),
              figure("%.4f", row.mae(), 1),
              figure("%.4f", row.rmse(), 1),
              figure("%+.4f", row.bias(), 1),
              figure("%.1f%%", row.mape(), 100),
              figure("%.2f%%", row.volRmse(), 100),
              figure("%.0f%%", row.inside(), 100),
              figure("%.2f", row.hedge(), 1),
              figure("%.2f", row.fairHedge(), 1),
              figure("%.1f", row.microsPerPrice(), 1)));
    }
    return aligned(lines);
  }

  private static String figure(String format, Double value, double factor) {
    return value == null ? "-" : String.format(Locale.ROOT, format, value * factor);
  }

  private static String aligned(List<List<String>> lines) {
    int columns = lines.get(0).size();
    int[] widths = new int[columns];
    for (List<String> line : lines) {
      for (int c = 0; c < columns; c++) {
        widths[c] = Math.max(widths[c], line.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      for (int c = 0; c < columns; c++) {
        boolean words = c == 0 || c == 2 || c == 3;
        String gap = " ".repeat(widths[c] - line.get(c).length());
        text.append(c == 0 ? "" : "  ").append(words ? line.get(c) + gap : gap + line.get(c));
      }
      text.append('\n');
    }
    return text.toString().stripTrailing();
  }
}
