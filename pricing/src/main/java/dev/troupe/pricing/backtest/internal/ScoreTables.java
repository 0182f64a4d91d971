package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.report.Report;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.List;

/** The scores as a report's tables. */
final class ScoreTables {

  private final BacktestOptions options;
  private final ScoreBoard board;
  private final Scores scores;

  ScoreTables(BacktestOptions options, ScoreBoard board, Scores scores) {
    this.options = options;
    this.board = board;
    this.scores = scores;
  }

  /** Of all models, by block and horizon. */
  void scores(Report report) {
    List<List<Object>> rows = new ArrayList<>();
    for (Scores.Row r : scores.rows()) {
      rows.add(
          List.of(
              r.segment(),
              r.horizon(),
              r.model(),
              r.scenario(),
              r.quotes(),
              cell(r.mae()),
              cell(r.rmse()),
              cell(r.bias()),
              cell(percent(r.mape())),
              cell(percent(r.volRmse())),
              cell(percent(r.inside())),
              cell(r.hedge()),
              cell(r.fairHedge()),
              cell(r.microsPerPrice())));
    }
    report.table(
        "Prices against the market's; hedge: mean squared error of hedging by deltas over the first"
            + " model's; fair: by deltas that allow for what the variance does when the spot moves",
        List.of(
            "segment",
            "ahead",
            "model",
            "scenario",
            "quotes",
            "MAE",
            "RMSE",
            "bias",
            "MAPE %",
            "vol RMSE %",
            "inside %",
            "hedge",
            "fair hedge",
            "µs a price"),
        rows);
  }

  private static Double percent(Double share) {
    return share == null ? null : 100 * share;
  }

  private static Object cell(Double value) {
    return value == null ? "-" : value;
  }

  /** Whether models are worse than the first. */
  void comparisons(Report report) {
    if (scores.comparisons().isEmpty()) {
      return;
    }
    report.table(
        "Diebold and Mariano's test on squared errors over the spot: a positive statistic says that"
            + " the model loses more",
        List.of("model", "against", "ahead", "statistic", "p-value", "times"),
        scores.comparisons().stream()
            .map(
                c ->
                    List.of(
                        c.model(),
                        c.against(),
                        c.horizon(),
                        cell(c.statistic()),
                        cell(c.pValue()),
                        c.times()))
            .toList());
  }

  /** By kind of option. */
  void buckets(Report report) {
    for (int horizon : options.horizons()) {
      List<List<Object>> rows = new ArrayList<>();
      for (Option.Type type : Option.Type.values()) {
        for (int tenor = 0; tenor < Bucket.TENORS.size(); tenor++) {
          for (int m = 0; m < Bucket.MONEYNESSES.size(); m++) {
            for (Model model : options.models()) {
              Errors errors = board.errors(model, horizon, new Bucket(m, tenor, type));
              if (errors != null) {
                rows.add(bucket(new Bucket(m, tenor, type), model, errors));
              }
            }
          }
        }
      }
      report.table(
          "Both blocks, " + Scores.ahead(horizon),
          List.of(
              "type",
              "tenor",
              "strike over spot",
              "model",
              "quotes",
              "MAE",
              "RMSE",
              "bias",
              "MAPE %",
              "vol RMSE %",
              "inside %"),
          rows);
    }
  }

  private static List<Object> bucket(Bucket bucket, Model model, Errors errors) {
    return List.of(
        bucket.type() == Option.Type.CALL ? "call" : "put",
        Bucket.TENORS.get(bucket.tenor()),
        Bucket.MONEYNESSES.get(bucket.moneyness()),
        Scores.name(model),
        errors.quotes(),
        errors.mae(),
        errors.rmse(),
        errors.bias(),
        finite(100 * errors.mape()),
        finite(100 * errors.volRmse()),
        finite(100 * errors.inside()));
  }

  private static Object finite(double value) {
    return Double.isFinite(value) ? value : "-";
  }
}
