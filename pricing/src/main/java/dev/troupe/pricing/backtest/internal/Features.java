package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.model.DiscountCurve;
import dev.troupe.pricing.model.Option;
import java.util.HashMap;
import java.util.Map;

/**
 * What a network sees of an option: for some times up to the one that is known, and last for the
 * time at which it is priced, moneyness, tenor, rate, realised volatility and implied volatility at
 * that moneyness and tenor, and whether it is a call. At the last step the spot is of that time,
 * all else was known before.
 */
final class Features {

  private static final int COUNT = 6;

  private final MarketData market;
  private final int window;
  private final int steps;
  private final Map<Integer, ImpliedSurface> surfaces = new HashMap<>();

  /**
   * @param window times of realised volatility
   * @param steps past times
   */
  Features(MarketData market, int window, int steps) {
    this.market = market;
    this.window = window;
    this.steps = steps;
  }

  /**
   * The sequence of an option.
   *
   * @param origin time that is known
   * @param time at which it is priced
   * @param spot then
   */
  float[][] sequence(
      int origin, long time, double spot, Option.Type type, double strike, long expires) {
    float[][] sequence = new float[steps + 1][];
    for (int i = 0; i < steps; i++) {
      int known = origin - steps + 1 + i;
      Snapshot then = snapshot(known);
      sequence[i] = step(known, then.time(), then.spot(), type, strike, expires);
    }
    sequence[steps] = step(origin, time, spot, type, strike, expires);
    return sequence;
  }

  private float[] step(
      int known, long time, double spot, Option.Type type, double strike, long expires) {
    double years = MarketTime.years(time, expires);
    DiscountCurve curve = market.terms().rates().at(snapshot(known).time());
    double forward = spot * Math.exp(-market.terms().dividend() * years) / curve.discount(years);
    double moneyness = Math.log(strike / forward);
    float[] step = new float[COUNT];
    step[0] = (float) moneyness;
    step[1] = (float) Math.sqrt(years);
    step[2] = (float) curve.zeroRate(years);
    step[3] = (float) RealisedVol.at(market.history(), known, window);
    step[4] = (float) surface(known).vol(moneyness, years);
    step[5] = type.sign();
    return step;
  }

  /** Of a time, which must have an option out of the money. */
  private ImpliedSurface surface(int time) {
    return surfaces.computeIfAbsent(time, t -> new ImpliedSurface(snapshot(t), market.terms()));
  }

  /** Whether all surfaces of a sequence are there. */
  boolean complete(int origin) {
    for (int t = origin - steps + 1; t <= origin; t++) {
      if (surface(t).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private Snapshot snapshot(int time) {
    return market.history().snapshots().get(time);
  }
}
