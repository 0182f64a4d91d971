package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.report.Plot;
import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Snapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;

/** Days since a history's first time: the x-axis of what a report shows over time. */
final class TimeAxis {

  private final List<Snapshot> times;

  TimeAxis(MarketHistory history) {
    times = history.snapshots();
  }

  /** What the axis is called. */
  String name() {
    return "days since " + MarketTime.text(times.get(0).time()).substring(0, 10);
  }

  /** A value at each time that has one; NaN is none. */
  Plot.Line line(String name, IntToDoubleFunction value) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (int t = 0; t < times.size(); t++) {
      if (!Double.isNaN(value.applyAsDouble(t))) {
        x.add(days(t));
        y.add(value.applyAsDouble(t));
      }
    }
    return new Plot.Line(name, x, y);
  }

  /** A value of each fit, at the time it was made. */
  Plot.Line line(String name, List<Fit> fits, ToDoubleFunction<Fit> value) {
    return new Plot.Line(
        name,
        fits.stream().map(f -> days(f.origin())).toList(),
        fits.stream().map(value::applyAsDouble).toList());
  }

  private double days(int time) {
    return (times.get(time).time() - times.get(0).time()) / (double) MarketTime.SECONDS_A_DAY;
  }
}
