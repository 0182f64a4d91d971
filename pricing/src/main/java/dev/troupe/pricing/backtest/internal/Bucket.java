package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.model.Option;
import java.util.List;

/**
 * Options that are alike.
 *
 * @param moneyness position in {@link #MONEYNESSES}
 * @param tenor position in {@link #TENORS}
 */
record Bucket(int moneyness, int tenor, Option.Type type) {

  /** Strike over spot. */
  static final List<String> MONEYNESSES =
      List.of("< 0.90", "0.90 - 0.97", "0.97 - 1.03", "1.03 - 1.10", "> 1.10");

  static final List<String> TENORS = List.of("< 60 days", "60 - 180 days", "> 180 days");

  private static final double[] MONEYNESS_BOUNDS = {0.9, 0.97, 1.03, 1.1};
  private static final double[] TENOR_BOUNDS = {60, 180};

  static Bucket of(Quote quote, long time, double spot) {
    double days = (quote.expires() - time) / (double) MarketTime.SECONDS_A_DAY;
    return new Bucket(
        place(quote.strike() / spot, MONEYNESS_BOUNDS), place(days, TENOR_BOUNDS), quote.type());
  }

  /** How many bounds are at or below a value, but for rounding. */
  private static int place(double value, double[] bounds) {
    int place = 0;
    while (place < bounds.length && value > bounds[place] * (1 + 1e-9)) {
      place++;
    }
    return place;
  }
}
