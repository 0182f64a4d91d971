package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.lstm.LstmModel;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.List;

/**
 * A network's price, or the price of another model and a network's guess of its error. Deltas are
 * differences of prices at spots a little apart. All quotes of a time are one batch, so that a
 * price's bits do not depend on how the grid was cut.
 */
final class LearnedModel {

  /** Of the spot, to each side. */
  private static final double SHIFT = 0.005;

  private final Features features;
  private final LstmModel network;
  private final PricingModel base;

  /**
   * @param base whose error the network knows; null if it knows prices
   */
  LearnedModel(Features features, LstmModel network, PricingModel base) {
    this.features = features;
    this.network = network;
    this.base = base;
  }

  boolean canPrice(View view) {
    return features.complete(view.fit().origin()) && (base == null || base.canPrice(view));
  }

  /** Prices contracts of any expiry; their own prices are not looked at. */
  List<Greeks> price(View view, List<Quote> contracts) {
    int n = contracts.size();
    double[] spots = {view.spot(), view.spot() * (1 + SHIFT), view.spot() * (1 - SHIFT)};
    float[][][] sequences = new float[spots.length * n][][];
    for (int s = 0; s < spots.length; s++) {
      for (int i = 0; i < n; i++) {
        Quote q = contracts.get(i);
        sequences[s * n + i] =
            features.sequence(
                view.fit().origin(), view.time(), spots[s], q.type(), q.strike(), q.expires());
      }
    }
    float[] values = network.predict(sequences);
    List<Greeks> bases = base == null ? List.of() : bases(view, contracts);
    List<Greeks> greeks = new ArrayList<>(n);
    for (int i = 0; i < n; i++) {
      double strike = contracts.get(i).strike();
      double price = strike * values[i];
      double delta = strike * (values[n + i] - values[2 * n + i]) / (2 * SHIFT * view.spot());
      if (base != null) {
        price += bases.get(i).price();
        delta += bases.get(i).delta();
      }
      greeks.add(new Greeks(Math.max(price, 0), delta, 0, 0, 0, 0));
    }
    return greeks;
  }

  private List<Greeks> bases(View view, List<Quote> contracts) {
    List<Greeks> greeks = new ArrayList<>();
    for (int from = 0; from < contracts.size(); ) {
      long expires = contracts.get(from).expires();
      List<Option> chain = new ArrayList<>();
      while (from < contracts.size() && contracts.get(from).expires() == expires) {
        Quote q = contracts.get(from++);
        chain.add(new Option(q.type(), view.exercise(), q.strike(), view.years(expires)));
      }
      greeks.addAll(base.price(view, chain));
    }
    return greeks;
  }
}
