package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Snapshot;
import java.util.List;

/** The volatility that the spot had, a root of a year. */
final class RealisedVol {

  private RealisedVol() {}

  /** Over so many moves up to a time, around 0, over the calendar time that they took. */
  static double at(MarketHistory history, int time, int moves) {
    List<Snapshot> window = history.snapshots().subList(time - moves, time + 1);
    double squares = 0;
    for (int i = 1; i < window.size(); i++) {
      double move = Math.log(window.get(i).spot() / window.get(i - 1).spot());
      squares += move * move;
    }
    double years = MarketTime.years(window.get(0).time(), window.get(window.size() - 1).time());
    return Math.sqrt(squares / years);
  }
}
