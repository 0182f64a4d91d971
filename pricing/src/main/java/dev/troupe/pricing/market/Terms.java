package dev.troupe.pricing.market;

/**
 * What pricing needs to know of a market beside its quotes.
 *
 * @param rates through time
 * @param dividend yield a year, continuously compounded
 */
public record Terms(RateHistory rates, double dividend) {

  /** The price at {@code time} of 1 at {@code expires}. */
  public double discount(long time, long expires) {
    return rates.at(time).discount(MarketTime.years(time, expires));
  }

  /** The forward at {@code time} of the spot at {@code expires}. */
  public double forward(long time, double spot, long expires) {
    double years = MarketTime.years(time, expires);
    return spot * Math.exp(-dividend * years) / rates.at(time).discount(years);
  }
}
