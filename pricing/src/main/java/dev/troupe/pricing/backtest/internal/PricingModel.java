package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;
import java.util.List;

/** A way to price a chain of options of one expiry, if it is not learned. */
interface PricingModel {

  /** Whether the view has all that the model needs. */
  default boolean canPrice(View view) {
    return true;
  }

  /** Prices and deltas, in the order of the options. */
  List<Greeks> price(View view, List<Option> chain);

  /** The model of this name, one that is not learned. */
  static PricingModel of(BacktestOptions.Model name, BacktestOptions options) {
    return switch (name) {
      case BLACK_SCHOLES -> new LaggedVolModel();
      case BLACK_SCHOLES_REALISED -> new RealisedVolModel();
      case HESTON -> new HestonModel();
      case HESTON_VASICEK -> new HestonVasicekModel(options.tolerance());
      case LSTM, HYBRID -> throw new IllegalArgumentException(name + " has to be trained");
    };
  }
}
