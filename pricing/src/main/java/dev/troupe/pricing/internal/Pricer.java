package dev.troupe.pricing.internal;

import dev.troupe.pricing.PriceOptions;
import java.util.List;

/** A method of pricing. */
interface Pricer {

  /** Prices every strike, in the order given. */
  List<Priced> price(PriceOptions options);

  /** The one that the options name. */
  static Pricer of(PriceOptions.Method method) {
    return switch (method) {
      case PDE -> new PdePricer();
      case ANALYTIC -> new AnalyticPricer();
    };
  }
}
