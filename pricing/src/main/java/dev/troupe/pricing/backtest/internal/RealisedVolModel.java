package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.analytic.BlackScholes;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;
import java.util.List;

/** Black-Scholes at the volatility that the spot had over the window before the fit. */
final class RealisedVolModel implements PricingModel {

  @Override
  public List<Greeks> price(View view, List<Option> chain) {
    double vol = view.scenario().of("vol", view.fit().realisedVol());
    return chain.stream()
        .map(
            option ->
                BlackScholes.price(
                    option,
                    view.spot(),
                    view.curve().zeroRate(option.expiry()),
                    view.dividend(),
                    vol))
        .toList();
  }
}
