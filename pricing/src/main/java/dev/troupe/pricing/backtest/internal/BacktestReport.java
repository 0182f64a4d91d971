package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.report.HeatMap;
import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.calibration.VolQuote;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;

/** The report of a back-test. */
final class BacktestReport {

  private static final int MOST_TENORS = 6;

  private final BacktestOptions options;
  private final MarketData market;
  private final LoadTask.Loaded loaded;
  private final List<Fit> fits;
  private final List<Network> networks;
  private final ScoreBoard board;
  private final Scores scores;
  private final Samples samples;

  BacktestReport(
      BacktestOptions options,
      MarketData market,
      LoadTask.Loaded loaded,
      List<Fit> fits,
      List<Network> networks,
      ScoreBoard board,
      Scores scores,
      Samples samples) {
    this.options = options;
    this.market = market;
    this.loaded = loaded;
    this.fits = fits;
    this.networks = networks;
    this.board = board;
    this.scores = scores;
    this.samples = samples;
  }

  /** Puts it together. */
  Report put(String title, String jobId) {
    List<Snapshot> times = market.history().snapshots();
    String from = MarketTime.text(times.get(0).time());
    String to = MarketTime.text(times.get(times.size() - 1).time());
    Report report =
        new Report(title, "job %s, %s to %s".formatted(jobId, from, to)).figures(figures());
    report.heading("Errors");
    scoreTable(report);
    comparisonTable(report);
    overTime(report);
    modelAgainstMarket(report);
    accuracyAgainstCost(report);
    heatMaps(report);
    report.heading("Market and fits");
    surface(report);
    parameters(report);
    networks(report);
    report.table(
        "Quotes that filters left out",
        List.of("filter", "quotes"),
        loaded.dropped().entrySet().stream()
            .map(e -> List.<Object>of(e.getKey(), e.getValue()))
            .toList());
    report.heading("Errors by kind of option");
    buckets(report);
    return report;
  }

  private Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("times", loaded.times());
    figures.put("rows read", loaded.rows());
    figures.put("quotes used", loaded.quotes());
    figures.put("fits", fits.size());
    figures.put(
        "mean error of fits, vol points",
        100 * fits.stream().mapToDouble(Fit::volRmse).average().orElse(Double.NaN));
    return figures;
  }

  private void scoreTable(Report report) {
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
              cell(r.microsPerPrice())));
    }
    report.table(
        "Prices against the market's; hedge: mean squared error of hedging by deltas over the first"
            + " model's",
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
            "µs a price"),
        rows);
  }

  private static Double percent(Double share) {
    return share == null ? null : 100 * share;
  }

  private static Object cell(Double value) {
    return value == null ? "-" : value;
  }

  private void comparisonTable(Report report) {
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

  private void overTime(Report report) {
    int horizon = options.horizons().get(0);
    List<Plot.Line> lines = new ArrayList<>();
    for (Model model : options.models()) {
      ScoreBoard.Losses losses = board.losses(model, horizon);
      if (losses != null) {
        lines.add(ofTimes(Scores.name(model), t -> 100 * losses.volRmse(t)));
      }
    }
    plot(report, "Error of implied volatility, " + ahead(horizon), sinceFirst(), "% points", lines);
  }

  private Plot.Line ofTimes(String name, IntToDoubleFunction value) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    List<Snapshot> times = market.history().snapshots();
    for (int t = 0; t < times.size(); t++) {
      if (!Double.isNaN(value.applyAsDouble(t))) {
        x.add(days(times.get(t).time()));
        y.add(value.applyAsDouble(t));
      }
    }
    return new Plot.Line(name, x, y);
  }

  private double days(long time) {
    return (time - market.history().snapshots().get(0).time()) / (double) MarketTime.SECONDS_A_DAY;
  }

  /** The axis of {@link #days}. */
  private String sinceFirst() {
    return "days since "
        + MarketTime.text(market.history().snapshots().get(0).time()).substring(0, 10);
  }

  private static void plot(Report report, String title, String x, String y, List<Plot.Line> lines) {
    if (!lines.isEmpty()) {
      report.plot(new Plot(title, x, y, lines));
    }
  }

  private static String ahead(int horizon) {
    return horizon + (horizon == 1 ? " time ahead" : " times ahead");
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
              "Accuracy against cost, " + ahead(horizon),
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

  /** Of the last time that was fitted. */
  private void surface(Report report) {
    Snapshot last = market.history().snapshots().get(fits.get(fits.size() - 1).origin());
    Map<Double, List<VolQuote>> smiles = new TreeMap<>();
    for (VolQuote point : new ImpliedSurface(last, market.terms()).points()) {
      smiles.computeIfAbsent(point.expiry(), any -> new ArrayList<>()).add(point);
    }
    List<Plot.Line> lines =
        smiles.entrySet().stream()
            .limit(MOST_TENORS)
            .map(
                e ->
                    new Plot.Line(
                        Math.round(365 * e.getKey()) + " days",
                        e.getValue().stream().map(p -> p.strike() / last.spot()).toList(),
                        e.getValue().stream().map(p -> 100 * p.vol()).toList()))
            .toList();
    plot(
        report,
        "Implied volatility on " + MarketTime.text(last.time()),
        "strike over spot",
        "%",
        lines);
  }

  private void parameters(Report report) {
    if (fits.stream().anyMatch(f -> f.heston().isPresent())) {
      plot(
          report,
          "Heston: volatility now and in the long run",
          sinceFirst(),
          "%",
          List.of(
              ofFits("root of v0", h -> 100 * Math.sqrt(h.v0())),
              ofFits("root of theta", h -> 100 * Math.sqrt(h.theta()))));
      plot(
          report,
          "Heston: speed and volatility of variance",
          sinceFirst(),
          "",
          List.of(ofFits("kappa", Heston::kappa), ofFits("sigma", Heston::sigma)));
      plot(
          report,
          "Heston: correlation of spot and variance",
          sinceFirst(),
          "",
          List.of(ofFits("rho", Heston::rho)));
      plot(
          report,
          "Heston: error of the calibration",
          sinceFirst(),
          "% points",
          List.of(line("calibration", fits, f -> 100 * f.volRmse())));
    }
    List<Fit> rates = fits.stream().filter(f -> f.rate().isPresent()).toList();
    if (!rates.isEmpty()) {
      plot(
          report,
          "Short rate",
          sinceFirst(),
          "%",
          List.of(
              line("now", rates, f -> 100 * f.rate().orElseThrow().r0()),
              line("volatility a year", rates, f -> 100 * f.rate().orElseThrow().vol())));
      plot(
          report,
          "Correlation of spot and rate",
          sinceFirst(),
          "",
          List.of(line("rhoSr", rates, Fit::rhoSr)));
    }
  }

  private void networks(Report report) {
    if (networks.isEmpty()) {
      return;
    }
    report.table(
        "Networks; error of price over strike on the newest of their samples, 1e-4",
        List.of("model", "knows up to", "samples", "epochs", "error", "seconds"),
        networks.stream()
            .map(
                n ->
                    List.<Object>of(
                        Scores.name(n.model()),
                        MarketTime.text(market.history().snapshots().get(n.known()).time()),
                        n.samples(),
                        n.epochs(),
                        1e4 * n.validationRmse(),
                        n.seconds()))
            .toList());
  }

  private Plot.Line ofFits(String name, ToDoubleFunction<Heston> value) {
    List<Fit> calibrated = fits.stream().filter(f -> f.heston().isPresent()).toList();
    return line(name, calibrated, f -> value.applyAsDouble(f.heston().orElseThrow()));
  }

  private Plot.Line line(String name, List<Fit> some, ToDoubleFunction<Fit> value) {
    return new Plot.Line(
        name,
        some.stream().map(f -> days(market.history().snapshots().get(f.origin()).time())).toList(),
        some.stream().map(value::applyAsDouble).toList());
  }

  private void buckets(Report report) {
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
          "Both blocks, " + ahead(horizon),
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
