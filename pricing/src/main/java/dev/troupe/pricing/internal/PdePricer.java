package dev.troupe.pricing.internal;

import dev.troupe.core.InputException;
import dev.troupe.pricing.PriceOptions;
import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.FdPricer;
import dev.troupe.pricing.fd.FdSettings;
import dev.troupe.pricing.fd.Grid;
import dev.troupe.pricing.fd.Market;
import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.fd.ToleranceException;
import java.util.List;

/** By finite differences, one sweep for all strikes. */
final class PdePricer implements Pricer {

  @Override
  public List<Priced> price(PriceOptions options) {
    Market market = new Market(options.s0(), options.dividend());
    try {
      return new FdPricer(settings(options))
          .price(model(options), market, PriceModels.chain(options)).stream()
              .map(result -> new Priced(result.greeks(), result.errorEstimate(), result.grid()))
              .toList();
    } catch (ToleranceException e) {
      throw new InputException(e.getMessage(), e);
    }
  }

  private static FdModel model(PriceOptions options) {
    return switch (options.model()) {
      case BLACK_SCHOLES ->
          FdModel.blackScholes(options.vol().orElseThrow(), ShortRate.flat(options.rate()));
      case HESTON -> FdModel.heston(PriceModels.heston(options), ShortRate.flat(options.rate()));
      case HESTON_VASICEK -> FdModel.hestonVasicek(PriceModels.hestonVasicek(options));
    };
  }

  private static FdSettings settings(PriceOptions options) {
    FdSettings settings = FdSettings.DEFAULT;
    if (options.scheme().isPresent()) {
      settings = settings.with(options.scheme().get());
    }
    if (options.earlyExercise().isPresent()) {
      settings = settings.with(options.earlyExercise().get());
    }
    if (options.spacing().isPresent()) {
      settings = settings.with(options.spacing().get());
    }
    if (options.controlVariate().isPresent()) {
      settings = settings.improved(settings.richardson(), options.controlVariate().get());
    }
    if (options.tolerance().isPresent()) {
      settings = settings.to(options.tolerance().get());
    }
    return options.gridSpot().isPresent() ? settings.on(grid(options)) : settings;
  }

  /** The grid that the options give; a dimension that the model has no use for may be left out. */
  private static Grid grid(PriceOptions options) {
    Grid usual = FdSettings.DEFAULT.grid();
    return new Grid(
        options.gridSpot().orElseThrow(),
        options.gridVariance().orElse(usual.variance()),
        options.gridRate().orElse(usual.rate()),
        options.gridSteps().orElseThrow());
  }
}
