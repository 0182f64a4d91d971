package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.market.MarketHistory;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Some of the priced quotes of each model, evenly from all, for a plot. */
final class Samples {

  /** Dots that a plot can show. */
  private static final int MOST = 800;

  /**
   * A dot.
   *
   * @param market price over spot
   * @param model price over spot
   */
  record Dot(double market, double model) {}

  private final MarketHistory history;
  private final Map<Model, Thinned<Dot>> models = new EnumMap<>(Model.class);

  Samples(MarketHistory history) {
    this.history = history;
  }

  void add(PricedQuote priced) {
    if (priced.scenario().equals(Scenario.BASE.name())) {
      double spot = history.snapshots().get(priced.target()).spot();
      models
          .computeIfAbsent(priced.model(), any -> new Thinned<>(MOST))
          .add(new Dot(priced.quote().price() / spot, priced.price() / spot));
    }
  }

  List<Dot> of(Model model) {
    return models.containsKey(model) ? models.get(model).items() : List.of();
  }
}
