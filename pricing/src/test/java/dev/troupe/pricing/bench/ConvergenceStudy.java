package dev.troupe.pricing.bench;

import dev.troupe.pricing.fd.CashDividend;
import dev.troupe.pricing.fd.EarlyExercise;
import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.FdPricer;
import dev.troupe.pricing.fd.FdResult;
import dev.troupe.pricing.fd.FdSettings;
import dev.troupe.pricing.fd.Grid;
import dev.troupe.pricing.fd.Market;
import dev.troupe.pricing.fd.Scheme;
import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import dev.troupe.pricing.model.Vasicek;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Errors on a row of grids, each finer than the last in all steps, by scheme and dimension; see
 * bench/studies/pricing/convergence.sh. Lines are {@code panel line intervals error}, by tabs.
 */
public final class ConvergenceStudy {
  private static final double[] SPOTS = {80, 90, 100, 110, 120};

  private ConvergenceStudy() {}

  public static void main(String[] args) {
    oneDimension();
    twoDimensions();
    threeDimensions();
    early();
  }

  private static FdSettings plain(Scheme scheme, Grid grid) {
    return FdSettings.DEFAULT.with(scheme).on(grid).improved(false, false);
  }

  private static void oneDimension() {
    double[] exact = {24.5888354439, 16.6994484083, 10.4505835722, 6.0400881539, 3.2474774165};
    FdModel black = FdModel.blackScholes(.2, ShortRate.flat(.05));
    bySchemes("1-D: Black-Scholes", 6, black, calls(), exact);
  }

  private static void twoDimensions() {
    double[] exact = {26.774758744, 20.933349, 16.070154917, 12.1322115167, 9.0249134835};
    FdModel lewis = FdModel.heston(new Heston(.04, 4, .25, 1, -.5), ShortRate.flat(.01));
    bySchemes("2-D: Heston", 5, lewis, calls(), exact);
  }

  private static void bySchemes(
      String panel, int levels, FdModel model, List<Option> options, double[] exact) {
    double dividend = model.stochasticVariance() ? .02 : 0;
    for (Scheme scheme : Scheme.values()) {
      for (int level = 0; level < levels; level++) {
        Grid grid = new Grid(32, 16, 2, 16).refined(1 << level);
        FdSettings settings = plain(scheme, grid);
        print(
            panel, scheme, grid, error(settings, model, new Market(100, dividend), options, exact));
      }
    }
  }

  /** With a cash dividend European prices depend on the rate; the reference is extrapolated. */
  private static void threeDimensions() {
    Market market = new Market(100, 0, List.of(new CashDividend(.5, 4)));
    FdModel model =
        FdModel.hestonVasicek(
            new HestonVasicek(
                new Heston(.05, 2, .06, .4, -.6), new Vasicek(.03, .2, .05, .015), .3, .1));
    List<Option> put = List.of(new Option(Option.Type.PUT, Exercise.EUROPEAN, 100, 1));
    FdSettings finest = FdSettings.DEFAULT.on(new Grid(320, 160, 32, 160));
    double[] reference = prices(finest, model, market, put);
    for (Scheme scheme : Scheme.values()) {
      for (int level = 0; level < 4; level++) {
        Grid grid = new Grid(24, 12, 4, 12).refined(1 << level);
        print(
            "3-D: Heston-Vasicek, cash dividend",
            scheme,
            grid,
            error(plain(scheme, grid), model, market, put, reference));
      }
    }
  }

  /** The American put of Bjerksund and Stensland; exact by QuantLib's fixed-point engine. */
  private static void early() {
    FdModel black = FdModel.blackScholes(.2, ShortRate.flat(.06));
    List<Option> put = List.of(new Option(Option.Type.PUT, Exercise.AMERICAN, 40, 1));
    double[] exact = {4.486674419};
    for (EarlyExercise exercise : EarlyExercise.values()) {
      for (int level = 0; level < 6; level++) {
        Grid grid = new Grid(32, 4, 2, 16).refined(1 << level);
        FdSettings settings = plain(Scheme.MODIFIED_CRAIG_SNEYD, grid).with(exercise);
        print(
            "American put: Black-Scholes",
            exercise,
            grid,
            error(settings, black, new Market(36, 0), put, exact));
      }
    }
  }

  private static List<Option> calls() {
    return Arrays.stream(SPOTS)
        .mapToObj(strike -> new Option(Option.Type.CALL, Exercise.EUROPEAN, strike, 1))
        .toList();
  }

  private static double[] prices(
      FdSettings settings, FdModel model, Market market, List<Option> options) {
    return new FdPricer(settings)
        .price(model, market, options).stream().mapToDouble(FdResult::price).toArray();
  }

  private static double error(
      FdSettings settings, FdModel model, Market market, List<Option> options, double[] exact) {
    double[] prices = prices(settings, model, market, options);
    double largest = 0;
    for (int n = 0; n < exact.length; n++) {
      largest = Math.max(largest, Math.abs(prices[n] - exact[n]));
    }
    return largest;
  }

  private static void print(String panel, Enum<?> line, Grid grid, double error) {
    String name = line.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    System.out.printf("%s\t%s\t%d\t%.6g%n", panel, name, grid.spot(), error);
  }
}
