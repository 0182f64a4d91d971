package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.calibration.HestonCalibration;
import dev.troupe.pricing.calibration.HestonFit;
import dev.troupe.pricing.calibration.VasicekCalibration;
import dev.troupe.pricing.calibration.VolQuote;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.RateHistory;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.model.Vasicek;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Estimates the parameters of all models at a time, from that time and before. */
final class Fitter {

  /** More points of a surface say nothing new about five parameters. */
  private static final int MOST_POINTS = 60;

  private static final int PARAMETERS = 5;

  /** Of a rate that a fit can be made of. */
  private static final int LEAST_RATES = 4;

  private static final double SHORT = 0.25;

  private final MarketData market;
  private final BacktestOptions options;

  Fitter(MarketData market, BacktestOptions options) {
    this.market = market;
    this.options = options;
  }

  Fit fit(int origin) {
    long start = System.nanoTime();
    Optional<HestonFit> heston = Optional.empty();
    if (needsHeston(options)) {
      heston = heston(market.history().snapshots().get(origin));
    }
    boolean rates =
        options.models().contains(Model.HESTON_VASICEK) && market.terms().rates().moves();
    return new Fit(
        origin,
        RealisedVol.at(market.history(), origin, options.window()),
        heston.map(HestonFit::heston),
        heston.map(HestonFit::rmse).orElse(Double.NaN),
        rates ? Optional.of(vasicek(origin)) : Optional.empty(),
        rates ? correlation(origin) : 0,
        (System.nanoTime() - start) * 1e-9);
  }

  static boolean needsHeston(BacktestOptions options) {
    return options.models().stream().anyMatch(m -> m == Model.HESTON || m == Model.HESTON_VASICEK);
  }

  private Optional<HestonFit> heston(Snapshot snapshot) {
    List<VolQuote> points = new ImpliedSurface(snapshot, market.terms()).points();
    if (points.size() < PARAMETERS) {
      return Optional.empty();
    }
    int count = Math.min(points.size(), MOST_POINTS);
    List<VolQuote> chosen = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      chosen.add(points.get((int) ((long) i * points.size() / count)));
    }
    return Optional.of(HestonCalibration.fit(chosen));
  }

  /** A rate that has not moved, or is too short a history, is taken as known. */
  private Vasicek vasicek(int origin) {
    long time = market.history().snapshots().get(origin).time();
    RateHistory.Series rates = market.terms().rates().shortRates(time, options.rateWindow());
    double[] values = rates.values();
    if (values.length < LEAST_RATES || Arrays.stream(values).distinct().count() < 2) {
      double now = market.terms().rates().at(time).zeroRate(SHORT);
      return new Vasicek(now, 1, now, 0);
    }
    return VasicekCalibration.fit(rates.years(), values).rate();
  }

  /** Of moves of log spot and short rate, as far back as the rate's window goes. */
  private double correlation(int origin) {
    int from = Math.max(0, origin - options.rateWindow());
    List<Snapshot> window = market.history().snapshots().subList(from, origin + 1);
    int n = window.size() - 1;
    double[] spots = new double[n];
    double[] rates = new double[n];
    double before = shortRate(window.get(0));
    for (int i = 0; i < n; i++) {
      double now = shortRate(window.get(i + 1));
      spots[i] = Math.log(window.get(i + 1).spot() / window.get(i).spot());
      rates[i] = now - before;
      before = now;
    }
    double spotMean = Arrays.stream(spots).average().orElse(0);
    double rateMean = Arrays.stream(rates).average().orElse(0);
    double both = 0;
    double spot = 0;
    double rate = 0;
    for (int i = 0; i < n; i++) {
      both += (spots[i] - spotMean) * (rates[i] - rateMean);
      spot += (spots[i] - spotMean) * (spots[i] - spotMean);
      rate += (rates[i] - rateMean) * (rates[i] - rateMean);
    }
    return spot > 0 && rate > 0 ? both / Math.sqrt(spot * rate) : 0;
  }

  private double shortRate(Snapshot snapshot) {
    return market.terms().rates().at(snapshot.time()).zeroRate(SHORT);
  }
}
