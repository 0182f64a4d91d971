package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.report.Plot;
import dev.troupe.core.report.Report;
import dev.troupe.pricing.calibration.VolQuote;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.model.Heston;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** What models were fitted to, and their parameters over time. */
final class FitPlots {

  private static final int MOST_TENORS = 6;

  private final MarketData market;
  private final TimeAxis axis;
  private final List<Fit> fits;
  private final List<Fit> calibrated;

  FitPlots(MarketData market, List<Fit> fits) {
    this.market = market;
    this.axis = new TimeAxis(market.history());
    this.fits = fits;
    this.calibrated = fits.stream().filter(fit -> fit.heston().isPresent()).toList();
  }

  void put(Report report) {
    surface(report);
    parameters(report);
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
    if (!lines.isEmpty()) {
      String title = "Implied volatility on " + MarketTime.text(last.time());
      report.plot(new Plot(title, "strike over spot", "%", lines));
    }
  }

  private void parameters(Report report) {
    if (!calibrated.isEmpty()) {
      plot(
          report,
          "Heston: volatility now and in the long run",
          "%",
          heston("root of v0", h -> 100 * Math.sqrt(h.v0())),
          heston("root of theta", h -> 100 * Math.sqrt(h.theta())));
      plot(
          report,
          "Heston: speed and volatility of variance",
          "",
          heston("kappa", Heston::kappa),
          heston("sigma", Heston::sigma));
      plot(report, "Heston: correlation of spot and variance", "", heston("rho", Heston::rho));
      plot(
          report,
          "Heston: error of the calibration",
          "% points",
          axis.line("calibration", calibrated, f -> 100 * f.volRmse()));
    }
    List<Fit> rates = fits.stream().filter(fit -> fit.rate().isPresent()).toList();
    if (!rates.isEmpty()) {
      plot(
          report,
          "Short rate",
          "%",
          axis.line("now", rates, f -> 100 * f.rate().orElseThrow().r0()),
          axis.line("volatility a year", rates, f -> 100 * f.rate().orElseThrow().vol()));
      plot(report, "Correlation of spot and rate", "", axis.line("rhoSr", rates, Fit::rhoSr));
    }
  }

  private void plot(Report report, String title, String unit, Plot.Line... lines) {
    report.plot(new Plot(title, axis.name(), unit, List.of(lines)));
  }

  private Plot.Line heston(String name, ToDoubleFunction<Heston> value) {
    return axis.line(name, calibrated, fit -> value.applyAsDouble(fit.heston().orElseThrow()));
  }
}
