package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.market.MarketHistory;
import java.util.ArrayList;
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

  private static final class Every {
    private final List<Dot> dots = new ArrayList<>();
    private long seen;
    private long stride = 1;

    private void add(Dot dot) {
      if (seen++ % stride != 0) {
        return;
      }
      dots.add(dot);
      if (dots.size() == MOST) { // leave every second one out and go on with half as many
        for (int i = 0; i < MOST / 2; i++) {
          dots.set(i, dots.get(2 * i));
        }
        dots.subList(MOST / 2, MOST).clear();
        stride *= 2;
      }
    }
  }

  private final MarketHistory history;
  private final Map<Model, Every> models = new EnumMap<>(Model.class);

  Samples(MarketHistory history) {
    this.history = history;
  }

  void add(PricedQuote priced) {
    if (priced.scenario().equals(Scenario.BASE.name())) {
      double spot = history.snapshots().get(priced.target()).spot();
      models
          .computeIfAbsent(priced.model(), any -> new Every())
          .add(new Dot(priced.quote().price() / spot, priced.price() / spot));
    }
  }

  List<Dot> of(Model model) {
    return models.containsKey(model) ? models.get(model).dots : List.of();
  }
}
