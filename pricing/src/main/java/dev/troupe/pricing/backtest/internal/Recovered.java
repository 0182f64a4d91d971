package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Vasicek;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A parameter of a simulated market, and what fits made of it.
 *
 * @param found mean over all fits that have it
 */
public record Recovered(String parameter, double truth, double found) {

  /** All parameters that do not move in time. */
  public static List<Recovered> of(HestonVasicek truth, List<Fit> fits) {
    return List.of(
        heston("kappa", truth, fits, Heston::kappa),
        heston("theta", truth, fits, Heston::theta),
        heston("sigma", truth, fits, Heston::sigma),
        heston("rho", truth, fits, Heston::rho),
        rate("rate speed", truth, fits, Vasicek::speed),
        rate("rate volatility", truth, fits, Vasicek::vol),
        new Recovered("rho of spot and rate", truth.rhoSr(), mean(fits, Fit::rhoSr)));
  }

  private static Recovered heston(
      String name, HestonVasicek truth, List<Fit> fits, ToDoubleFunction<Heston> value) {
    List<Fit> some = fits.stream().filter(f -> f.heston().isPresent()).toList();
    return new Recovered(
        name,
        value.applyAsDouble(truth.variance()),
        mean(some, f -> value.applyAsDouble(f.heston().orElseThrow())));
  }

  private static Recovered rate(
      String name, HestonVasicek truth, List<Fit> fits, ToDoubleFunction<Vasicek> value) {
    List<Fit> some = fits.stream().filter(f -> f.rate().isPresent()).toList();
    return new Recovered(
        name,
        value.applyAsDouble(truth.rate()),
        mean(some, f -> value.applyAsDouble(f.rate().orElseThrow())));
  }

  private static double mean(List<Fit> fits, ToDoubleFunction<Fit> value) {
    return fits.stream().mapToDouble(value).average().orElse(Double.NaN);
  }
}
