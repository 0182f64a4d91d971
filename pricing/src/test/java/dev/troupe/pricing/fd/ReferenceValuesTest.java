package dev.troupe.pricing.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.analytic.ImpliedVolatility;
import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Published and exact prices, each within the tolerance asked of the solver. */
class ReferenceValuesTest {
  private static final double[] K = {80, 90, 100, 110, 120};

  static Stream<Arguments> blackScholes() {
    Option.Type call = Option.Type.CALL;
    Option.Type put = Option.Type.PUT;
    return Stream.of(
        // Haug, The complete guide to option pricing formulas, as used in QuantLib's tests.
        Arguments.of(call, 60, 65, .0, .08, .25, .30, 2.1334),
        Arguments.of(put, 100, 95, .05, .10, .5, .20, 2.4648),
        Arguments.of(put, 19, 19, .10, .10, .75, .28, 1.7011),
        Arguments.of(call, 19, 19, .10, .10, .75, .28, 1.7011),
        Arguments.of(call, 1.56, 1.60, .08, .06, .5, .12, .0291),
        Arguments.of(put, 75, 70, .05, .10, .5, .35, 4.0870),
        Arguments.of(call, 90, 100, .10, .10, .5, .25, 2.7026),
        Arguments.of(call, 100, 100, .10, .10, .5, .25, 6.6997),
        Arguments.of(call, 110, 100, .10, .10, .5, .25, 12.7857),
        Arguments.of(call, 42, 40, .08, .04, .75, .35, 5.0975),
        Arguments.of(call, 42, 40, .0, .10, .5, .20, 4.75942239),
        Arguments.of(put, 42, 40, .0, .10, .5, .20, .80859937));
  }

  @ParameterizedTest
  @MethodSource
  void blackScholes(
      Option.Type type,
      double spot,
      double strike,
      double dividend,
      double rate,
      double expiry,
      double vol,
      double expected) {
    double tolerance = 1e-4;
    FdResult result =
        Prices.price(
            FdSettings.DEFAULT.to(tolerance / 2),
            Prices.black(vol, rate),
            new Market(spot, dividend),
            new Option(type, Exercise.EUROPEAN, strike, expiry));
    assertThat(result.price()).isCloseTo(expected, within(tolerance));
  }

  @Test
  void blackScholesGreeks() {
    FdResult result =
        Prices.price(
            FdSettings.DEFAULT.to(1e-5),
            Prices.black(.2, .05),
            new Market(100, 0),
            new Option(Option.Type.CALL, Exercise.EUROPEAN, 100, 1));
    Greeks g = result.greeks();
    assertThat(g.price()).isCloseTo(10.4505835722, within(1e-5));
    assertThat(g.delta()).isCloseTo(.6368306512, within(1e-5));
    assertThat(g.gamma()).isCloseTo(.0187620173, within(1e-5));
    assertThat(g.vega()).isCloseTo(37.5240346917, within(5e-3));
    assertThat(g.theta()).isCloseTo(-6.4140275464, within(1e-3));
    assertThat(g.rho()).isCloseTo(53.2324815454, within(1e-3));
  }

  static Stream<Arguments> heston() {
    Heston if1 = new Heston(.04, 1.5, .04, .3, -.9);
    Heston if2 = new Heston(.12, 3, .12, .04, .6);
    Heston if2Low = new Heston(.04, 3, .12, .04, .6);
    Heston if3 = new Heston(.0707, .6067, .0707, .2928, -.7571);
    Heston lewis = new Heston(.04, 4, .25, 1, -.5);
    Heston fang = new Heston(.0175, 1.5768, .0398, .5751, -.5711);
    double[] wings = {75, 100, 125};
    return Stream.of(
        // in 't Hout and Foulon: the spot varies there, which homogeneity turns into strikes.
        spots(
            if1, .025, 0, 1, .4290429591, 3.2574903367, 8.8948693601, 16.365386556, 24.8894151035),
        spots(
            if2,
            .01,
            .04,
            1,
            4.126170747,
            7.4860417489,
            12.0253002793,
            17.6580343057,
            24.2343582949),
        spots(
            if2Low,
            .01,
            .04,
            1,
            3.1377279597,
            6.1897492312,
            10.5417838264,
            16.1247927663,
            22.7683389961),
        spots(
            if3,
            .03,
            0,
            3,
            8.2687300244,
            14.153199859,
            21.1089824138,
            28.8249177019,
            37.0811441244),
        Arguments.of(
            lewis,
            .01,
            .02,
            1,
            Option.Type.CALL,
            K,
            new double[] {26.774758744, 20.933349, 16.070154917, 12.1322115167, 9.0249134835}),
        Arguments.of(
            lewis,
            .01,
            .02,
            1,
            Option.Type.PUT,
            K,
            new double[] {7.9588781133, 12.0179667073, 17.055270961, 23.0178258984, 29.8110262027}),
        Arguments.of(
            fang, 0, 0, 1, Option.Type.CALL, new double[] {100}, new double[] {5.7851554344}),
        Arguments.of(
            fang, 0, 0, 10, Option.Type.CALL, new double[] {100}, new double[] {22.318945791}),
        Arguments.of(
            new Heston(.07, 2, .04, .55, -.8),
            .03,
            .035,
            1,
            Option.Type.CALL,
            wings,
            new double[] {25.562450261, 7.610902204, .429200199}),
        Arguments.of(
            new Heston(.07, 1, .04, .001, -.75),
            .04,
            .03,
            1,
            Option.Type.CALL,
            wings,
            new double[] {26.062410359, 9.821514435, 2.725341494}),
        Arguments.of(
            new Heston(.07, .4, .04, .5, .8),
            .03,
            .03,
            1,
            Option.Type.CALL,
            wings,
            new double[] {24.502716026, 9.019872306, 4.537678109}),
        Arguments.of(
            new Heston(.0625, 5, .16, .9, .1),
            .1,
            0,
            1,
            Option.Type.CALL,
            wings,
            new double[] {34.424017956, 19.165264583, 10.020543964}));
  }

  private static Arguments spots(
      Heston heston, double rate, double dividend, double expiry, double... calls) {
    double[] strikes = Arrays.stream(K).map(spot -> 100 * 100 / spot).toArray();
    double[] prices = new double[K.length];
    for (int i = 0; i < K.length; i++) {
      prices[i] = calls[i] * 100 / K[i];
    }
    return Arguments.of(heston, rate, dividend, expiry, Option.Type.CALL, strikes, prices);
  }

  @ParameterizedTest
  @MethodSource
  void heston(
      Heston heston,
      double rate,
      double dividend,
      double expiry,
      Option.Type type,
      double[] strikes,
      double[] expected) {
    // Ten years ask for 1892 x 948 nodes to be sure of 1e-4: 43 s. To 1e-3 the error is 3e-5.
    double sure = expiry > 5 ? 1e-3 : 1e-4;
    double[] prices =
        Prices.prices(
            FdSettings.DEFAULT.to(sure),
            Prices.heston(heston, rate),
            new Market(100, dividend),
            Prices.chain(type, Exercise.EUROPEAN, expiry, strikes));
    assertThat(prices).containsExactly(expected, within(1e-4));
  }

  /**
   * What asks for the finest grids. Where spot and variance move almost as one, across the grid's
   * axes, that is both axes; where variance lies at 0 for years, with rare bursts, the spot's mesh
   * has to reach far, and the axis of variance hardly matters. The strike of 140 is worth 0.3
   * there, all from such paths; its error falls only as the steps of time do.
   */
  static Stream<Arguments> hestonAtItsEdge() {
    double[] strikes = {60, 70, 100, 140};
    return Stream.of(
        Arguments.of(
            new Heston(.07, 1, .04, .55, .995),
            .02,
            .04,
            1,
            new Grid(1000, 500, 8, 248),
            new double[] {75, 100, 125},
            new double[] {22.564043417, 8.069204397, 4.180490322},
            new double[] {1e-4, 1e-4, 1e-4}),
        // Andersen (2008), Simple and efficient simulation of the Heston model, cases I and II.
        Arguments.of(
            new Heston(.04, .5, .04, 1, -.9),
            0,
            0,
            10,
            new Grid(2560, 96, 8, 320),
            strikes,
            new double[] {44.3299750702, 35.8497697038, 13.0846701370, .2957744358},
            new double[] {1e-4, 1e-4, 1e-4, 5e-3}),
        Arguments.of(
            new Heston(.04, .3, .04, .9, -.5),
            0,
            0,
            15,
            new Grid(2560, 96, 8, 320),
            strikes,
            new double[] {45.28686397, 37.1696647178, 16.6492229204, 5.13819049378},
            new double[] {1e-4, 1e-4, 5e-4, 5e-4}));
  }

  @ParameterizedTest
  @MethodSource
  void hestonAtItsEdge(
      Heston heston,
      double rate,
      double dividend,
      double expiry,
      Grid grid,
      double[] strikes,
      double[] expected,
      double[] tolerances) {
    List<FdResult> results =
        new FdPricer(FdSettings.DEFAULT.on(grid))
            .price(
                Prices.heston(heston, rate),
                new Market(100, dividend),
                Prices.chain(Option.Type.CALL, Exercise.EUROPEAN, expiry, strikes));
    for (int n = 0; n < strikes.length; n++) {
      double error = Math.abs(results.get(n).price() - expected[n]);
      assertThat(error).isLessThan(Math.min(tolerances[n], results.get(n).errorEstimate()));
    }
  }

  @Test
  void hestonGreeks() {
    Greeks g =
        Prices.price(
                FdSettings.DEFAULT.to(1e-4),
                Prices.heston(new Heston(.04, 1.5, .04, .3, -.9), .025),
                new Market(100, 0),
                new Option(Option.Type.CALL, Exercise.EUROPEAN, 100, 1))
            .greeks();
    assertThat(g.price()).isCloseTo(8.8948693601, within(1e-4));
    assertThat(g.delta()).isCloseTo(.6715585114, within(1e-4));
    assertThat(g.gamma()).isCloseTo(.0180204728, within(1e-5));
    assertThat(g.vega()).isCloseTo(2 * .2 * 48.99665835, within(1e-2));
  }

  static Stream<Arguments> blackVasicek() {
    return Stream.of(
        Arguments.of(-.5, new double[] {24.1933018839, 11.3060053906, 4.3921221463}),
        Arguments.of(0, new double[] {24.2660320283, 11.442617668, 4.5177048115}),
        Arguments.of(.3, new double[] {24.3096837386, 11.5236666304, 4.5925024108}));
  }

  @ParameterizedTest
  @MethodSource
  void blackVasicek(double rhoSr, double[] expected) {
    double[] prices =
        Prices.prices(
            FdSettings.DEFAULT.to(1e-4),
            FdModel.blackScholes(.25, ShortRate.vasicek(Prices.RATE), rhoSr),
            new Market(100, 0),
            Prices.chain(Option.Type.CALL, Exercise.EUROPEAN, 1, 80, 100, 120));
    assertThat(prices).containsExactly(expected, within(1e-4));
  }

  static Stream<Arguments> hestonVasicek() {
    return Stream.of(
        Arguments.of(0, 0, .25, new double[] {20.8320902291, 4.8338405851, .1385985637}),
        Arguments.of(0, 0, 1, new double[] {24.4729918319, 10.6082905425, 2.9727857038}),
        Arguments.of(0, 0, 5, new double[] {39.6195830966, 29.0541735185, 20.7732843223}),
        Arguments.of(.3, 0, 1, new double[] {24.50485, 10.68295, 3.05308}),
        Arguments.of(.3, .1, 1, new double[] {24.50125, 10.68092, 3.05800}));
  }

  @ParameterizedTest
  @MethodSource
  void hestonVasicek(double rhoSr, double rhoVr, double expiry, double[] calls) {
    double[] prices =
        Prices.prices(
            FdSettings.DEFAULT.to(1e-4),
            Prices.full(rhoSr, rhoVr),
            new Market(100, 0),
            Prices.chain(Option.Type.CALL, Exercise.EUROPEAN, expiry, 80, 100, 120));
    assertThat(prices).containsExactly(calls, within(1e-4));
  }

  /**
   * Heston with Hull and White's rate over ten years (Grzelak and Oosterlee's set): volatilities of
   * the full equation, by QuantLib on 100 x 250 x 70 x 30, good to 2e-4, and not those of their
   * approximation.
   */
  @ParameterizedTest
  @CsvSource({
    "0.3, 2e-4, 0.27159 0.23686 0.22810 0.22255 0.21670",
    "0.6, 3e-4, 0.26608 0.20820 0.19296 0.18435 0.18205"
  })
  void hestonHullWhiteForTenYears(double sigma, double tolerance, String expected) {
    double bond = Math.exp(-.2);
    ShortRate rate = ShortRate.hullWhite(t -> Math.exp(-.02 * t), .01, .01);
    List<Option> calls =
        Prices.chain(Option.Type.CALL, Exercise.EUROPEAN, 10, 40, 80, 100, 120, 180);
    double[] prices =
        Prices.prices(
            FdSettings.DEFAULT.on(new Grid(1536, 192, 8, 256)),
            new FdModel(new Heston(.05, .3, .05, sigma, -.3), rate, .6, 0),
            new Market(100, 0),
            calls);
    String[] vols = expected.split(" ", -1);
    for (int n = 0; n < vols.length; n++) {
      double vol = ImpliedVolatility.of(calls.get(n), prices[n], 100 / bond, bond);
      assertThat(vol).isCloseTo(Double.parseDouble(vols[n]), within(tolerance));
    }
  }

  /** QuantLib's BSM-Hull-White values: implied volatility at the forward after 20 years. */
  @ParameterizedTest
  @MethodSource
  void blackHullWhite(double rho, double vol) {
    double expiry = 20;
    double strike = 100 * Math.exp((.0525 - .04) * expiry);
    FdResult result =
        Prices.price(
            FdSettings.DEFAULT.to(1e-3),
            FdModel.blackScholes(
                .25, ShortRate.hullWhite(t -> Math.exp(-.0525 * t), .00883, .00526), rho),
            new Market(100, .04),
            new Option(Option.Type.CALL, Exercise.EUROPEAN, strike, expiry));
    // At the forward Black's formula is S e^(-qT) (2 N(sd/2) - 1), so the price gives erf(sd/sqrt
    // 8).
    double atForward = 100 * Math.exp(-.04 * expiry) * erf(vol * Math.sqrt(expiry) / Math.sqrt(8));
    assertThat(result.price()).isCloseTo(atForward, within(2e-3));
  }

  static Stream<Arguments> blackHullWhite() {
    return Stream.of(
        Arguments.of(-.75, .217064577),
        Arguments.of(-.25, .243995801),
        Arguments.of(0, .256402830),
        Arguments.of(.25, .268236596),
        Arguments.of(.75, .290461343));
  }

  @Test
  void vasicekBonds() {
    ShortRate rate = ShortRate.vasicek(new HestonVasicek(Prices.R, Prices.RATE, 0, 0).rate());
    double[] years = {.5, 1, 2, 5, 10};
    double[] expected = {
      .98463979994042, .96866086710122, .93537538630421, .83158300389448, .66842922772727
    };
    for (int i = 0; i < years.length; i++) {
      assertThat(rate.bond(0, years[i], 0)).isCloseTo(expected[i], within(1e-13));
    }
  }

  private static double erf(double x) {
    double sum = 0;
    double term = x;
    for (int n = 0; n < 60; n++) {
      sum += term / (2 * n + 1);
      term *= -x * x / (n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }
}
