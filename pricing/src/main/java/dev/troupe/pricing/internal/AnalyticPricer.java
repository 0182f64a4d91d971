package dev.troupe.pricing.internal;

import dev.troupe.pricing.PriceOptions;
import dev.troupe.pricing.analytic.BlackScholes;
import dev.troupe.pricing.analytic.HestonFormula;
import dev.troupe.pricing.analytic.HestonVasicekFormula;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;
import java.util.List;

/** By formula. */
final class AnalyticPricer implements Pricer {

  @Override
  public List<Priced> price(PriceOptions options) {
    return PriceModels.chain(options).stream()
        .map(option -> new Priced(greeks(options, option), error(options, option), null))
        .toList();
  }

  private static Greeks greeks(PriceOptions options, Option option) {
    double s0 = options.s0();
    double dividend = options.dividend();
    return switch (options.model()) {
      case BLACK_SCHOLES ->
          BlackScholes.price(option, s0, options.rate(), dividend, options.vol().orElseThrow());
      case HESTON ->
          HestonFormula.price(option, s0, options.rate(), dividend, PriceModels.heston(options));
      case HESTON_VASICEK ->
          HestonVasicekFormula.price(option, s0, dividend, PriceModels.hestonVasicek(options));
    };
  }

  private static double error(PriceOptions options, Option option) {
    double s0 = options.s0();
    double dividend = options.dividend();
    return switch (options.model()) {
      case BLACK_SCHOLES ->
          BlackScholes.error(option, s0, options.rate(), dividend, options.vol().orElseThrow());
      case HESTON ->
          HestonFormula.error(option, s0, options.rate(), dividend, PriceModels.heston(options));
      case HESTON_VASICEK ->
          HestonVasicekFormula.error(option, s0, dividend, PriceModels.hestonVasicek(options));
    };
  }
}
