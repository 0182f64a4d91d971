package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.FdPricer;
import dev.troupe.pricing.fd.FdResult;
import dev.troupe.pricing.fd.FdSettings;
import dev.troupe.pricing.fd.Market;
import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Vasicek;
import java.util.List;

/**
 * Heston with a Vasicek rate whose level follows the curve (Hull and White), correlated with the
 * spot, by finite differences: one sweep a chain.
 */
final class HestonVasicekModel implements PricingModel {

  /** Keeps the correlation matrix of spot, variance and rate definite. */
  private static final double MOST_CORRELATED = 0.95;

  private final double tolerance;

  /**
   * @param tolerance of prices, as a part of the spot
   */
  HestonVasicekModel(double tolerance) {
    this.tolerance = tolerance;
  }

  @Override
  public boolean canPrice(View view) {
    return view.fit().heston().isPresent() && view.fit().rate().isPresent();
  }

  @Override
  public List<Greeks> price(View view, List<Option> chain) {
    Heston heston = view.scenario().of(view.fit().heston().orElseThrow());
    Vasicek rate = view.fit().rate().orElseThrow();
    double vol = view.scenario().of("rate-vol", rate.vol());
    double most = MOST_CORRELATED * Math.sqrt(1 - heston.rho() * heston.rho());
    double rhoSr = Math.min(most, Math.max(-most, view.fit().rhoSr()));
    FdModel model =
        new FdModel(
            heston,
            ShortRate.hullWhite(view.curve()::discount, rate.speed(), vol),
            vol > 0 ? rhoSr : 0,
            0);
    FdPricer pricer = new FdPricer(FdSettings.DEFAULT.to(tolerance * view.spot()));
    return pricer.price(model, new Market(view.spot(), view.dividend()), chain).stream()
        .map(FdResult::greeks)
        .toList();
  }
}
