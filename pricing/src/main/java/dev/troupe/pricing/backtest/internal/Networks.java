package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.WorkContext;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.lstm.LstmModel;
import dev.troupe.pricing.market.MarketData;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Networks that are ready to price: for each time the newest that knows nothing after it. */
final class Networks {

  private final List<Network> networks;
  private final Map<Network, LearnedModel> models = new HashMap<>();

  private Networks(List<Network> networks) {
    this.networks = networks;
  }

  static Networks load(
      WorkContext context, List<Network> networks, MarketData market, BacktestOptions options) {
    Networks loaded = new Networks(networks);
    Features features = new Features(market, options.window(), options.sequence());
    for (Network network : networks) {
      ByteBuffer content = context.store().get(network.weights());
      byte[] bytes = new byte[content.remaining()];
      content.get(bytes);
      PricingModel base =
          network.model() == Model.HYBRID ? PricingModel.of(Model.HESTON_VASICEK, options) : null;
      loaded.models.put(network, new LearnedModel(features, LstmModel.fromBytes(bytes), base));
    }
    return loaded;
  }

  /** The model for prices from this time on. */
  LearnedModel of(Model model, int origin) {
    return models.get(newest(networks, model, origin));
  }

  private static Network newest(List<Network> networks, Model model, int origin) {
    Network newest = null;
    for (Network network : networks) {
      boolean fits = network.model() == model && network.known() <= origin;
      if (fits && (newest == null || network.known() > newest.known())) {
        newest = network;
      }
    }
    return newest;
  }

  /** Those that prices from the first of these times to the last need. */
  static List<Network> needed(List<Network> networks, int first, int last) {
    return networks.stream()
        .filter(n -> n.known() <= last && n.known() >= newest(networks, n.model(), first).known())
        .toList();
  }
}
