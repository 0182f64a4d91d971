package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.analytic.HestonFormula;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import java.util.List;

/** Heston with the parameters of the fit, by its formula. */
final class HestonModel implements PricingModel {

  @Override
  public boolean canPrice(View view) {
    return view.fit().heston().isPresent();
  }

  @Override
  public List<Greeks> price(View view, List<Option> chain) {
    Heston heston = view.scenario().of(view.fit().heston().orElseThrow());
    return chain.stream()
        .map(
            option ->
                HestonFormula.price(
                    option,
                    view.spot(),
                    view.curve().zeroRate(option.expiry()),
                    view.dividend(),
                    heston))
        .toList();
  }
}
