package dev.troupe.pricing.internal;

import dev.troupe.pricing.PriceOptions;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Vasicek;
import java.util.List;

/** The models and options that a job's options describe; they were checked before. */
final class PriceModels {
  private PriceModels() {}

  static Heston heston(PriceOptions options) {
    return new Heston(
        options.v0().orElseThrow(),
        options.kappa().orElseThrow(),
        options.theta().orElseThrow(),
        options.sigma().orElseThrow(),
        options.rho().orElseThrow());
  }

  static HestonVasicek hestonVasicek(PriceOptions options) {
    Vasicek rate =
        new Vasicek(
            options.rate(),
            options.rateSpeed().orElseThrow(),
            options.rateMean().orElseThrow(),
            options.rateVol().orElseThrow());
    return new HestonVasicek(
        heston(options), rate, options.rhoSr().orElse(0.0), options.rhoVr().orElse(0.0));
  }

  static List<Option> chain(PriceOptions options) {
    return options.strike().stream()
        .map(k -> new Option(options.type(), options.exercise(), k, options.expiry()))
        .toList();
  }
}
