package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.report.HeatMap;
import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.List;

/** How wrong models were: over time, against the market, against their cost, by kind of option. */
final class ErrorPlots {

  private final BacktestOptions options;
  private final TimeAxis axis;
  private final ScoreBoard board;
  private final Scores scores;
  private final Samples samples;

  ErrorPlots(BacktestOptions options, MarketHistory history, Tally tally, Scores scores) {
    this.options = options;
    this.axis = new TimeAxis(history);
    this.board = tally.board();
    this.samples = tally.samples();
    this.scores = scores;
  }

  void put(Report report) {
    overTime(report);
    modelAgainstMarket(report);
    accuracyAgainstCost(report);
    heatMaps(report);
  }

  private void overTime(Report report) {
    int horizon = options.horizons().get(0);
    List<Plot.Line> lines = new ArrayList<>();
    for (Model model : options.models()) {
      ScoreBoard.Losses losses = board.losses(model, horizon);
      if (losses != null) {
        lines.add(axis.line(Scores.name(model), t -> 100 * losses.volRmse(t)));
      }
    }
    if (!lines.isEmpty()) {
      String title = "Error of implied volatility, " + Scores.ahead(horizon);
      report.plot(new Plot(title, axis.name(), "% points", lines));
    }
  }

  private void modelAgainstMarket(Report report) {
    List<Plot.Line> lines = new ArrayList<>();
    for (Model model : options.models()) {
      List<Samples.Dot> dots = samples.of(model);
      if (!dots.isEmpty()) {
        lines.add(
            new Plot.Line(
                Scores.name(model),
                dots.stream().map(Samples.Dot::market).toList(),
                dots.stream().map(d -> d.model() - d.market()).toList()));
      }
    }
    if (!lines.isEmpty()) {
      report.plot(
          new Plot(
              "Model against market",
              "market price over spot",
              "model less market, over spot",
              lines,
              Plot.Mark.POINTS));
    }
  }

  private void accuracyAgainstCost(Report report) {
    int horizon = options.horizons().get(0);
    List<Plot.Line> lines = new ArrayList<>();
    for (Model model : options.models()) {
      Errors errors = board.errors(model, Scenario.BASE.name(), horizon, ScoreBoard.WALK);
      if (errors != null && scores.microsPerPrice(model) > 0) {
        lines.add(
            new Plot.Line(
                Scores.name(model),
                List.of(Math.log10(scores.microsPerPrice(model))),
                List.of(100 * errors.volRmse())));
      }
    }
    if (!lines.isEmpty()) {
      report.plot(
          new Plot(
              "Accuracy against cost, " + Scores.ahead(horizon),
              "log10 of µs a price, without the fit",
              "error of implied volatility, % points",
              lines,
              Plot.Mark.POINTS));
    }
  }

  private void heatMaps(Report report) {
    int horizon = options.horizons().get(0);
    for (Model model : options.models()) {
      for (Option.Type type : Option.Type.values()) {
        List<List<Double>> values = new ArrayList<>();
        boolean any = false;
        for (int tenor = 0; tenor < Bucket.TENORS.size(); tenor++) {
          List<Double> row = new ArrayList<>();
          for (int m = 0; m < Bucket.MONEYNESSES.size(); m++) {
            Errors errors = board.errors(model, horizon, new Bucket(m, tenor, type));
            row.add(errors == null ? null : (Double) (100 * errors.volRmse()));
            any |= errors != null;
          }
          values.add(row);
        }
        if (any) {
          report.heatMap(
              new HeatMap(
                  "%ss, %s: error of implied volatility, %% points"
                      .formatted(type == Option.Type.CALL ? "Call" : "Put", Scores.name(model)),
                  "strike over spot",
                  "",
                  Bucket.MONEYNESSES,
                  Bucket.TENORS,
                  values));
        }
      }
    }
  }
}
