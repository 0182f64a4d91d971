package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.analytic.BlackScholes;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;
import java.util.List;

/** Black-Scholes at the implied volatility that moneyness and tenor had at the fit. */
final class LaggedVolModel implements PricingModel {

  @Override
  public boolean canPrice(View view) {
    return !view.surface().isEmpty();
  }

  @Override
  public List<Greeks> price(View view, List<Option> chain) {
    return chain.stream().map(option -> price(view, option)).toList();
  }

  private static Greeks price(View view, Option option) {
    double moneyness = Math.log(option.strike() / view.forward(option));
    double vol = view.surface().vol(moneyness, option.expiry());
    double rate = view.curve().zeroRate(option.expiry());
    return BlackScholes.price(
        option, view.spot(), rate, view.dividend(), view.scenario().of("vol", vol));
  }
}
