package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.analytic.BlackScholes;
import dev.troupe.pricing.analytic.BlackVasicek;
import dev.troupe.pricing.analytic.HestonFormula;
import dev.troupe.pricing.analytic.HestonVasicekFormula;
import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Vasicek;

/**
 * European prices in closed form where a model has one: Black-Scholes, Heston, Black with a random
 * rate, and Heston with a random rate that is correlated to neither spot nor variance.
 */
final class Formula {
  private final FdModel model;
  private final double dividendYield;
  private final double spot;

  Formula(FdModel model, double dividendYield, double spot) {
    this.model = model;
    this.dividendYield = dividendYield;
    this.spot = spot;
  }

  /** Whether there is a formula. */
  static boolean has(Problem problem) {
    FdModel model = problem.model();
    Heston heston = model.variance();
    boolean known =
        model.stochasticVariance()
            ? !model.rate().stochastic() || (model.rhoSr() == 0 && model.rhoVr() == 0)
            : heston.v0() == heston.theta();
    return known && !problem.american() && problem.dividends().isEmpty();
  }

  /**
   * Numbers as a {@link Reader} gives them; NaN for theta, for which the formulas would have to
   * know how the rate drifts.
   */
  double[] read(double strike, Option.Type type, double expiry) {
    Greeks g = price(new Option(type, Option.Exercise.EUROPEAN, strike, expiry));
    return new double[] {g.price(), g.delta(), g.gamma(), g.vega(), g.rho(), Double.NaN};
  }

  private Greeks price(Option option) {
    double expiry = option.expiry();
    ShortRate rate = model.rate();
    double yield = -Math.log(rate.bond(0, expiry, 0)) / expiry;
    double vol = Math.sqrt(model.variance().v0());
    if (!rate.stochastic()) {
      return model.stochasticVariance()
          ? HestonFormula.price(option, spot, yield, dividendYield, model.variance())
          : BlackScholes.price(option, spot, yield, dividendYield, vol);
    }
    // Only the bond to the expiry counts: any Vasicek rate of this volatility with the same one.
    double level = yield + rate.integratedVariance(expiry) / (2 * expiry);
    Vasicek vasicek = new Vasicek(level, rate.speed(), level, rate.vol());
    return model.stochasticVariance()
        ? HestonVasicekFormula.price(
            option, spot, dividendYield, new HestonVasicek(model.variance(), vasicek, 0, 0))
        : BlackVasicek.price(option, spot, dividendYield, vol, vasicek, model.rhoSr());
  }
}
