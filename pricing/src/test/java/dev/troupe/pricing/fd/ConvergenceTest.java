package dev.troupe.pricing.fd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Halving every step divides errors by about four: the slope of the log errors is near 2. */
class ConvergenceTest {
  private static final List<Option> CALLS =
      Prices.chain(Option.Type.CALL, Exercise.EUROPEAN, 1, 80, 90, 100, 110, 120);

  @ParameterizedTest
  @EnumSource
  void oneDimension(Scheme scheme) {
    double[] exact = {24.5888354439, 16.6994484083, 10.4505835722, 6.0400881539, 3.2474774165};
    double order =
        order(scheme, Prices.black(.2, .05), CALLS, exact, new Grid(64, 4, 2, 16), Math.sqrt(2));
    assertThat(order).isBetween(1.7, 2.5);
  }

  @ParameterizedTest
  @EnumSource
  void twoDimensions(Scheme scheme) {
    FdModel model = Prices.heston(new Heston(.04, 4, .25, 1, -.5), .01);
    double[] reference = finest(scheme, model, new Grid(384, 192, 2, 192));
    double order = order(scheme, model, CALLS, reference, new Grid(48, 24, 2, 24), Math.sqrt(2));
    // Douglas is of first order in time where the mixed derivative acts.
    assertThat(order).isBetween(scheme == Scheme.DOUGLAS ? 0.8 : 1.7, 2.6);
  }

  /**
   * Cash dividends make European prices depend on the rate, so that all three axes act. Douglas
   * takes mixed derivatives to first order in time: 1.4 here, between that and the second order in
   * space.
   */
  @ParameterizedTest
  @EnumSource
  void threeDimensions(Scheme scheme) {
    Market market = new Market(100, 0, List.of(new CashDividend(.5, 4)));
    FdModel model = Prices.full(.3, .1);
    List<Option> put = Prices.chain(Option.Type.PUT, Exercise.EUROPEAN, 1, 100);
    double[] reference =
        Prices.prices(FdSettings.DEFAULT.on(new Grid(128, 64, 16, 64)), model, market, put);
    double[] errors = new double[2];
    for (int level = 0; level < 2; level++) {
      FdSettings plain = plain(scheme, new Grid(32, 16, 4, 16).refined(1 << level));
      errors[level] = Prices.largest(Prices.prices(plain, model, market, put), reference);
    }
    double order = Math.log(errors[0] / errors[1]) / Math.log(2);
    assertThat(order).isBetween(scheme == Scheme.DOUGLAS ? 1.2 : 1.7, 2.4);
  }

  private static double[] finest(Scheme scheme, FdModel model, Grid grid) {
    return Prices.prices(
        FdSettings.DEFAULT.with(scheme).on(grid), model, new Market(100, 0), CALLS);
  }

  /** Slope of a straight line through the log errors on four grids. */
  private static double order(
      Scheme scheme, FdModel model, List<Option> options, double[] exact, Grid grid, double ratio) {
    double xy = 0;
    double xx = 0;
    for (int level = 0; level < 4; level++) {
      FdSettings plain = plain(scheme, grid.refined(Math.pow(ratio, level)));
      double[] prices = Prices.prices(plain, model, new Market(100, 0), options);
      double x = level - 1.5;
      xy += x * Math.log(Prices.largest(prices, exact));
      xx += x * x;
    }
    return -xy / xx / Math.log(ratio);
  }

  private static FdSettings plain(Scheme scheme, Grid grid) {
    return FdSettings.DEFAULT.with(scheme).on(grid).improved(false, false);
  }
}
