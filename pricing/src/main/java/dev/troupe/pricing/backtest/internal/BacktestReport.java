package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.report.Report;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Snapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report of a back-test. */
final class BacktestReport {

  private final BacktestOptions options;
  private final MarketData market;
  private final LoadTask.Loaded loaded;
  private final List<Fit> fits;
  private final List<Network> networks;
  private final Tally tally;
  private final Scores scores;
  private final Timetable timetable;

  BacktestReport(
      BacktestOptions options,
      MarketData market,
      LoadTask.Loaded loaded,
      List<Fit> fits,
      List<Network> networks,
      Tally tally,
      Scores scores,
      Timetable timetable) {
    this.options = options;
    this.market = market;
    this.loaded = loaded;
    this.fits = fits;
    this.networks = networks;
    this.tally = tally;
    this.scores = scores;
    this.timetable = timetable;
  }

  /** Puts it together. */
  Report put(String title, String jobId) {
    List<Snapshot> times = market.history().snapshots();
    String from = MarketTime.text(times.get(0).time());
    String to = MarketTime.text(times.get(times.size() - 1).time());
    Report report =
        new Report(title, "job %s, %s to %s".formatted(jobId, from, to)).figures(figures());
    ScoreTables tables = new ScoreTables(options, tally.board(), scores);
    report.heading("Errors");
    tables.scores(report);
    tables.comparisons(report);
    new ErrorPlots(options, market.history(), tally, scores).put(report);
    report.heading("Market and fits");
    new FitPlots(market, fits).put(report);
    networks(report);
    report.table(
        "Quotes that filters left out",
        List.of("filter", "quotes"),
        loaded.dropped().entrySet().stream()
            .map(e -> List.<Object>of(e.getKey(), e.getValue()))
            .toList());
    times(report);
    report.heading("Errors by kind of option");
    tables.buckets(report);
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

  private void times(Report report) {
    report.table(
        "What tasks took, in seconds",
        List.of("part", "tasks", "one after the other", "longest"),
        timetable.totals().stream()
            .map(t -> List.<Object>of(t.part(), t.tasks(), t.seconds(), t.longest()))
            .toList());
  }
}
