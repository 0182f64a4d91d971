package dev.troupe.pricing.market.internal;

import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.Terms;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The price of the underlying where a file has none: what calls and puts of one strike say by
 * parity, {@code (C - P + K D) exp(qT)}, in the middle of bid and ask. The median over strikes near
 * the money and short tenors, where an early right is worth little.
 */
final class ParitySpot {

  private static final double FEWEST_DAYS = 1;
  private static final double MOST_DAYS = 60;

  /** How far a strike may be from the spot. */
  private static final double NEAR = 0.03;

  private record Pair(double strike, double spot) {}

  private ParitySpot() {}

  /**
   * The spot.
   *
   * @param quotes in their order
   * @return NaN if there is no pair
   */
  static double of(long time, List<Quote> quotes, Terms terms) {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i + 1 < quotes.size(); i++) {
      Quote call = quotes.get(i);
      Quote put = quotes.get(i + 1);
      double days = (call.expires() - time) / (double) MarketTime.SECONDS_A_DAY;
      boolean pair =
          call.type() == Option.Type.CALL
              && put.type() == Option.Type.PUT
              && call.strike() == put.strike()
              && call.expires() == put.expires();
      if (pair && sided(call) && sided(put) && days >= FEWEST_DAYS && days <= MOST_DAYS) {
        double discount = terms.discount(time, call.expires());
        double carried = call.price() - put.price() + call.strike() * discount;
        double years = MarketTime.years(time, call.expires());
        pairs.add(new Pair(call.strike(), carried * Math.exp(terms.dividend() * years)));
      }
    }
    double rough = median(pairs.stream().mapToDouble(Pair::spot).toArray());
    return median(
        pairs.stream()
            .filter(p -> Math.abs(p.strike() / rough - 1) < NEAR)
            .mapToDouble(Pair::spot)
            .toArray());
  }

  private static boolean sided(Quote quote) {
    return quote.bid() > 0 && quote.ask() >= quote.bid();
  }

  private static double median(double[] values) {
    if (values.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(values);
    return (values[(values.length - 1) / 2] + values[values.length / 2]) / 2;
  }
}
