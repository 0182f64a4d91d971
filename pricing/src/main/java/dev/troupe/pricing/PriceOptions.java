package dev.troupe.pricing;

import dev.troupe.core.options.Above;
import dev.troupe.core.options.Default;
import dev.troupe.core.options.Doc;
import dev.troupe.core.options.Max;
import dev.troupe.core.options.Min;
import dev.troupe.pricing.fd.EarlyExercise;
import dev.troupe.pricing.fd.Scheme;
import dev.troupe.pricing.fd.Spacing;
import dev.troupe.pricing.model.Option;
import java.util.List;
import java.util.Optional;

/** What {@code troupe run price} takes. Rates are a year, continuously compounded. */
public record PriceOptions(
    @Doc("what is random: the spot, its variance too, its short rate too") @Default("black-scholes")
        Model model,
    @Doc("how it is priced: by finite differences, or by formula where there is one")
        @Default("pde")
        Method method,
    @Doc("the right to buy or to sell") @Default("call") Option.Type type,
    @Doc("when the right may be used") @Default("european") Option.Exercise exercise,
    @Doc("price of the underlying now") @Above(0) @Max(1e12) double s0,
    @Doc("strikes, in the unit of s0") @Above(0) @Max(1e12) List<Double> strike,
    @Doc("years from now to the expiry") @Above(0) @Max(100) double expiry,
    @Doc("short rate now, 0.05 for 5 %") @Default("0") @Min(-1) @Max(1) double rate,
    @Doc("dividend yield, 0.02 for 2 %") @Default("0") @Min(-1) @Max(1) double dividend,
    @Doc("volatility a year (black-scholes)") @Min(0) @Max(100) Optional<Double> vol,
    @Doc("variance a year, now (heston, heston-vasicek)") @Min(0) @Max(100) Optional<Double> v0,
    @Doc("speed of the variance's mean reversion, 1/year") @Above(0) @Max(1e4)
        Optional<Double> kappa,
    @Doc("long-run variance a year") @Min(0) @Max(100) Optional<Double> theta,
    @Doc("volatility of the variance") @Min(0) @Max(100) Optional<Double> sigma,
    @Doc("correlation of spot and variance") @Min(-1) @Max(1) Optional<Double> rho,
    @Doc("speed of the short rate's mean reversion, 1/year (heston-vasicek)") @Above(0) @Max(1e4)
        Optional<Double> rateSpeed,
    @Doc("long-run short rate") @Min(-1) @Max(1) Optional<Double> rateMean,
    @Doc("absolute volatility of the short rate a year") @Min(0) @Max(10) Optional<Double> rateVol,
    @Doc("correlation of spot and rate") @Min(-1) @Max(1) Optional<Double> rhoSr,
    @Doc("correlation of variance and rate") @Min(-1) @Max(1) Optional<Double> rhoVr,
    @Doc("how time steps are taken (pde); if not given, modified-craig-sneyd")
        Optional<Scheme> scheme,
    @Doc("how early exercise is kept (pde, american); if not given, splitting")
        Optional<EarlyExercise> earlyExercise,
    @Doc(
            "whether prices are freed of the error that the grid makes on known ones nearby (pde); if"
                + " not given, for american prices under a random rate")
        Optional<Boolean> controlVariate,
    @Doc("where nodes in variance and short rate lie (pde); if not given, sinh")
        Optional<Spacing> spacing,
    @Doc("absolute error of each price that the grid is refined to (pde); if not given, 1e-3")
        @Above(0)
        Optional<Double> tolerance,
    @Doc("instead of tolerance: intervals of the grid in spot (pde)") @Min(8) @Max(10_000)
        Optional<Integer> gridSpot,
    @Doc("intervals in variance") @Min(4) @Max(10_000) Optional<Integer> gridVariance,
    @Doc("intervals in short rate") @Min(2) @Max(10_000) Optional<Integer> gridRate,
    @Doc("steps in time") @Min(3) @Max(100_000) Optional<Integer> gridSteps) {

  /** Which quantities are random; each model is a limit of the next. */
  public enum Model {
    BLACK_SCHOLES,
    HESTON,
    HESTON_VASICEK
  }

  /** How a price is computed. */
  public enum Method {
    /** By finite differences on a grid: everything. */
    PDE,
    /** In closed form, or by one integral. */
    ANALYTIC
  }
}
