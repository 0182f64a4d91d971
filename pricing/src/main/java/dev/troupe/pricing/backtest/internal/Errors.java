package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.market.Quote;

/** Sums over priced quotes, and what follows from them. */
final class Errors {

  /** Below this price a relative error says little (arXiv 2504.03175 leaves such options out). */
  private static final double LEAST_PRICE = 0.5;

  private long quotes;
  private double absolute;
  private double squares;
  private double sum;
  private long relatives;
  private double relative;
  private long vols;
  private double volSquares;
  private long sided;
  private long inside;
  private long hedges;
  private double hedgeSquares;
  private double fairSquares;

  void add(PricedQuote priced) {
    Quote quote = priced.quote();
    double error = priced.error();
    quotes++;
    absolute += Math.abs(error);
    squares += error * error;
    sum += error;
    if (quote.price() > LEAST_PRICE) {
      relatives++;
      relative += Math.abs(error) / quote.price();
    }
    double volError = priced.vol() - priced.marketVol();
    if (!Double.isNaN(volError)) {
      vols++;
      volSquares += volError * volError;
    }
    if (!Double.isNaN(quote.bid())) {
      sided++;
      inside += priced.price() >= quote.bid() && priced.price() <= quote.ask() ? 1 : 0;
    }
    if (!Double.isNaN(priced.hedgeError())) {
      hedges++;
      hedgeSquares += priced.hedgeError() * priced.hedgeError();
      fairSquares += priced.fairHedgeError() * priced.fairHedgeError();
    }
  }

  long quotes() {
    return quotes;
  }

  double mae() {
    return absolute / quotes;
  }

  double rmse() {
    return Math.sqrt(squares / quotes);
  }

  /** Positive where the model is too dear. */
  double bias() {
    return sum / quotes;
  }

  /** Mean of absolute errors as parts of prices, of prices above 0.50; NaN without any. */
  double mape() {
    return relative / relatives;
  }

  /** Of implied volatilities; NaN without any. */
  double volRmse() {
    return Math.sqrt(volSquares / vols);
  }

  /** Share of model prices between bid and ask; NaN where there are none. */
  double inside() {
    return (double) inside / sided;
  }

  /** Mean squared error of hedging by the model's deltas; NaN without any. */
  double hedge() {
    return hedgeSquares / hedges;
  }

  /** The same by its deltas of least variance. */
  double fairHedge() {
    return fairSquares / hedges;
  }
}
