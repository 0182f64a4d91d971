package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.calibration.VolQuote;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.market.Terms;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.List;

/**
 * The implied volatilities of one time, from options out of the money. Between strikes volatility
 * is linear in the log of strike over forward, between expiries total variance is linear in time;
 * outside both are flat.
 */
final class ImpliedSurface {

  /** Of one expiry: points in order of moneyness. */
  private record Smile(double years, List<Double> moneyness, List<Double> vols) {

    double vol(double at) {
      int above = 0;
      while (above < moneyness.size() && moneyness.get(above) < at) {
        above++;
      }
      if (above == 0 || above == moneyness.size()) {
        return vols.get(Math.min(above, moneyness.size() - 1));
      }
      double low = moneyness.get(above - 1);
      double share = (at - low) / (moneyness.get(above) - low);
      return vols.get(above - 1) + share * (vols.get(above) - vols.get(above - 1));
    }
  }

  private final List<Smile> smiles = new ArrayList<>();
  private final List<VolQuote> points = new ArrayList<>();

  ImpliedSurface(Snapshot snapshot, Terms terms) {
    List<Quote> quotes = snapshot.quotes();
    for (int from = 0; from < quotes.size(); ) {
      long expires = quotes.get(from).expires();
      int to = from;
      while (to < quotes.size() && quotes.get(to).expires() == expires) {
        to++;
      }
      if (expires > snapshot.time()) {
        smile(quotes.subList(from, to), snapshot, expires, terms);
      }
      from = to;
    }
  }

  private void smile(List<Quote> chain, Snapshot snapshot, long expires, Terms terms) {
    double years = MarketTime.years(snapshot.time(), expires);
    double forward = terms.forward(snapshot.time(), snapshot.spot(), expires);
    double discount = terms.discount(snapshot.time(), expires);
    List<Double> moneyness = new ArrayList<>();
    List<Double> vols = new ArrayList<>();
    for (Quote q : chain) {
      Option.Type outside = q.strike() < forward ? Option.Type.PUT : Option.Type.CALL;
      if (q.type() != outside) {
        continue;
      }
      double vol = Implied.vol(q.type(), q.strike(), years, q.price(), forward, discount);
      if (vol > 0) {
        moneyness.add(Math.log(q.strike() / forward));
        vols.add(vol);
        points.add(new VolQuote(years, q.strike(), forward, vol));
      }
    }
    if (!vols.isEmpty()) {
      smiles.add(new Smile(years, moneyness, vols));
    }
  }

  /** All points it was made of. */
  List<VolQuote> points() {
    return points;
  }

  boolean isEmpty() {
    return smiles.isEmpty();
  }

  /**
   * The volatility.
   *
   * @param moneyness log of strike over forward
   */
  double vol(double moneyness, double years) {
    int above = 0;
    while (above < smiles.size() && smiles.get(above).years() < years) {
      above++;
    }
    if (above == 0 || above == smiles.size()) {
      return smiles.get(Math.min(above, smiles.size() - 1)).vol(moneyness);
    }
    Smile near = smiles.get(above - 1);
    Smile far = smiles.get(above);
    double share = (years - near.years()) / (far.years() - near.years());
    double first = near.vol(moneyness);
    double last = far.vol(moneyness);
    double variance =
        (1 - share) * first * first * near.years() + share * last * last * far.years();
    return Math.sqrt(variance / years);
  }
}
