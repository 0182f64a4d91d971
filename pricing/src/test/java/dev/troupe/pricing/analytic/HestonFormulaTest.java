package dev.troupe.pricing.analytic;

import static dev.troupe.pricing.model.Option.Exercise.AMERICAN;
import static dev.troupe.pricing.model.Option.Exercise.EUROPEAN;
import static dev.troupe.pricing.model.Option.Type.CALL;
import static dev.troupe.pricing.model.Option.Type.PUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HestonFormulaTest {

  private static final Heston IN_T_HOUT_FOULON_1 = new Heston(0.04, 1.5, 0.04, 0.3, -0.9);

  private static Option european(Option.Type type, double strike, double expiry) {
    return new Option(type, EUROPEAN, strike, expiry);
  }

  private static double call(
      Heston heston, double rate, double dividend, double expiry, double spot, double strike) {
    return HestonFormula.price(european(CALL, strike, expiry), spot, rate, dividend, heston)
        .price();
  }

  /** The sets of in 't Hout and Foulon (2010), K = 100: 30-digit integrals. */
  @ParameterizedTest
  @CsvSource({
    "0.04, 1.5, 0.04, 0.3, -0.9, 0.025, 0, 1, 0.4290429591 3.2574903367 8.8948693601 16.3653865560"
        + " 24.8894151035",
    "0.12, 3, 0.12, 0.04, 0.6, 0.01, 0.04, 1, 4.1261707470 7.4860417489 12.0253002793 17.6580343057"
        + " 24.2343582949",
    "0.04, 3, 0.12, 0.04, 0.6, 0.01, 0.04, 1, 3.1377279597 6.1897492312 10.5417838264 16.1247927663"
        + " 22.7683389961",
    "0.0707, 0.6067, 0.0707, 0.2928, -0.7571, 0.03, 0, 3, 8.2687300244 14.1531998590 21.1089824138"
        + " 28.8249177019 37.0811441244"
  })
  void inTHoutFoulon(
      double v0,
      double kappa,
      double theta,
      double sigma,
      double rho,
      double rate,
      double dividend,
      double expiry,
      String expected) {
    Heston heston = new Heston(v0, kappa, theta, sigma, rho);
    double[] prices =
        Arrays.stream(expected.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    for (int i = 0; i < prices.length; i++) {
      assertThat(call(heston, rate, dividend, expiry, 80 + 10 * i, 100))
          .isCloseTo(prices[i], within(1e-9));
    }
  }

  @Test
  void greeksOfTheFirstSet() {
    Greeks greeks = HestonFormula.price(european(CALL, 100, 1), 100, 0.025, 0, IN_T_HOUT_FOULON_1);
    assertThat(greeks.delta()).isCloseTo(0.6715585114, within(1e-9));
    assertThat(greeks.gamma()).isCloseTo(0.0180204728, within(1e-9));
    assertThat(greeks.vega()).isCloseTo(2 * Math.sqrt(0.04) * 48.99665835, within(1e-7));
  }

  /** A. Lewis, "Option valuation under stochastic volatility II" (2016). */
  @ParameterizedTest
  @CsvSource({
    "80, 26.774758743998854, 7.958878113256768",
    "90, 20.933349000596710, 12.017966707346305",
    "100, 16.070154917028834, 17.055270961270110",
    "110, 12.132211516709845, 23.017825898442801",
    "120, 9.024913483457836, 29.811026202682472"
  })
  void lewis(double strike, double call, double put) {
    Heston heston = new Heston(0.04, 4, 0.25, 1, -0.5);
    assertThat(call(heston, 0.01, 0.02, 1, 100, strike)).isCloseTo(call, within(1e-12));
    assertThat(HestonFormula.price(european(PUT, strike, 1), 100, 0.01, 0.02, heston).price())
        .isCloseTo(put, within(1e-12));
  }

  /** Fang and Oosterlee (2008); Andersen (2008), Feller violated and long. */
  @ParameterizedTest
  @CsvSource({
    "0.0175, 1.5768, 0.0398, 0.5751, -0.5711, 1, 100, 5.7851554344",
    "0.0175, 1.5768, 0.0398, 0.5751, -0.5711, 10, 100, 22.318945791",
    "0.04, 0.5, 0.04, 1, -0.9, 10, 60, 44.3299750702",
    "0.04, 0.5, 0.04, 1, -0.9, 10, 70, 35.8497697038",
    "0.04, 0.5, 0.04, 1, -0.9, 10, 100, 13.0846701370",
    "0.04, 0.5, 0.04, 1, -0.9, 10, 140, 0.2957744358",
    "0.04, 0.3, 0.04, 0.9, -0.5, 15, 60, 45.28686397",
    "0.04, 0.3, 0.04, 0.9, -0.5, 15, 70, 37.1696647178",
    "0.04, 0.3, 0.04, 0.9, -0.5, 15, 100, 16.6492229204",
    "0.04, 0.3, 0.04, 0.9, -0.5, 15, 140, 5.13819049378"
  })
  void longAndFellerViolating(
      double v0,
      double kappa,
      double theta,
      double sigma,
      double rho,
      double expiry,
      double strike,
      double expected) {
    assertThat(call(new Heston(v0, kappa, theta, sigma, rho), 0, 0, expiry, 100, strike))
        .isCloseTo(expected, within(2e-9));
  }

  /**
   * Strikes 75, 100 and 125 at one year: nearly certain variance, kappa = sigma rho, rho near 1.
   */
  @ParameterizedTest
  @CsvSource({
    "0.07, 2, 0.04, 0.55, -0.8, 0.03, 0.035, 25.562450261, 7.610902204, 0.429200199",
    "0.07, 1, 0.04, 0.55, 0.995, 0.02, 0.04, 22.564043417, 8.069204397, 4.180490322",
    "0.07, 1, 0.04, 0.001, -0.75, 0.04, 0.03, 26.062410359, 9.821514435, 2.725341494",
    "0.07, 0.4, 0.04, 0.5, 0.8, 0.03, 0.03, 24.502716026, 9.019872306, 4.537678109",
    "0.0625, 5, 0.16, 0.9, 0.1, 0.1, 0, 34.424017956, 19.165264583, 10.020543964",
    "0.16, 1, 0.16, 2, -0.8, 0, 0, 29.239397457, 9.816526652, 1.036508103"
  })
  void edgesOfTheParameters(
      double v0,
      double kappa,
      double theta,
      double sigma,
      double rho,
      double rate,
      double dividend,
      double at75,
      double at100,
      double at125) {
    Heston heston = new Heston(v0, kappa, theta, sigma, rho);
    assertThat(call(heston, rate, dividend, 1, 100, 75)).isCloseTo(at75, within(1e-8));
    assertThat(call(heston, rate, dividend, 1, 100, 100)).isCloseTo(at100, within(1e-8));
    assertThat(call(heston, rate, dividend, 1, 100, 125)).isCloseTo(at125, within(1e-8));
  }

  /** QuantLib's cached value; act/act ISDA over the turn of a leap year. */
  @Test
  void quantLibsCachedValue() {
    Heston heston = new Heston(0.1, 3.16, 0.09, 0.4, -0.2);
    double expiry = 5 / 366.0 + 86 / 365.0;
    assertThat(HestonFormula.price(european(CALL, 1.05, expiry), 1, 0.0225, 0.02, heston).price())
        .isCloseTo(0.0404774515, within(1e-8));
  }

  @ParameterizedTest
  @CsvSource({"0", "1e-12", "1e-8", "1e-5"})
  void becomesBlackAsVarianceBecomesCertain(double sigma) {
    Heston heston = new Heston(0.07, 2, 0.04, sigma, -0.7);
    double variance = 0.04 * 1 + (0.07 - 0.04) * -Math.expm1(-2) / 2;
    for (double strike : new double[] {20, 75, 100, 125, 400}) {
      Greeks expected =
          BlackScholes.price(european(CALL, strike, 1), 100, 0.04, 0.03, Math.sqrt(variance));
      Greeks actual = HestonFormula.price(european(CALL, strike, 1), 100, 0.04, 0.03, heston);
      assertThat(actual.price()).isCloseTo(expected.price(), within(1e-11 + 100 * sigma));
      assertThat(actual.delta()).isCloseTo(expected.delta(), within(1e-12 + 10 * sigma));
      assertThat(actual.gamma()).isCloseTo(expected.gamma(), within(1e-12 + sigma));
      assertThat(actual.rho()).isCloseTo(expected.rho(), within(1e-10 + 1000 * sigma));
    }
  }

  /** Values out of the money keep their digits: at sigma = 0 Black's formula says what they are. */
  @ParameterizedTest
  @CsvSource({"150, 0.1", "300, 0.25", "40, 0.1", "1000, 1", "5, 1", "100000, 10", "101, 1e-5"})
  void farStrikesKeepTheirDigits(double strike, double expiry) {
    Heston heston = new Heston(0.04, 1, 0.04, 0, 0);
    Option.Type type = strike > 100 ? CALL : PUT;
    double expected = BlackScholes.price(european(type, strike, expiry), 100, 0, 0, 0.2).price();
    assertThat(HestonFormula.price(european(type, strike, expiry), 100, 0, 0, heston).price())
        .isCloseTo(expected, within(1e-10 * expected));
  }

  @Test
  void withoutAnyVarianceItIsTheIntrinsicValue() {
    Heston nothing = new Heston(0, 1, 0, 0.5, -0.5);
    assertThat(call(nothing, 0.05, 0, 2, 100, 90))
        .isCloseTo(100 - 90 * Math.exp(-0.1), within(1e-13));
    assertThat(call(nothing, 0, 0, 2, 100, 110)).isZero();
  }

  @Property(tries = 300)
  void greeksAreTheSlopesOfPrices(
      @ForAll Option.Type type,
      @ForAll @Scale(10) @DoubleRange(min = 60, max = 160) double strike,
      @ForAll @Scale(10) @DoubleRange(min = 0.1, max = 5) double expiry,
      @ForAll @Scale(10) @DoubleRange(min = 0.02, max = 0.3) double v0,
      @ForAll @Scale(10) @DoubleRange(min = 0.2, max = 5) double kappa,
      @ForAll @Scale(10) @DoubleRange(min = 0.02, max = 0.3) double theta,
      @ForAll @Scale(10) @DoubleRange(min = 0.01, max = 1) double sigma,
      @ForAll @Scale(10) @DoubleRange(min = -0.95, max = 0.95) double rho) {
    Option option = european(type, strike, expiry);
    Heston heston = new Heston(v0, kappa, theta, sigma, rho);
    Slopes.check(
        HestonFormula.price(option, 100, 0.03, 0.01, heston),
        100,
        s -> HestonFormula.price(option, s, 0.03, 0.01, heston),
        dx ->
            HestonFormula.price(
                option,
                100,
                0.03,
                0.01,
                new Heston(Math.pow(Math.sqrt(v0) + dx, 2), kappa, theta, sigma, rho)),
        dr -> HestonFormula.price(option, 100, 0.03 + dr, 0.01, heston),
        dt -> HestonFormula.price(european(type, strike, expiry + dt), 100, 0.03, 0.01, heston));
  }

  /** An option on a spot of 100, and what it is priced under. */
  record Draw(double strike, double expiry, Heston heston) {}

  @Property(tries = 1000)
  void pricesAreWithinTheBoundsOfNoArbitrage(@ForAll("draws") Draw draw) {
    checkBounds(draw.strike, draw.expiry, draw.heston);
  }

  @Property(tries = 20_000)
  @Tag("long")
  void pricesAreWithinTheBoundsOfNoArbitrageForLong(@ForAll("draws") Draw draw) {
    checkBounds(draw.strike, draw.expiry, draw.heston);
  }

  @Provide
  Arbitrary<Draw> draws() {
    Arbitrary<Heston> heston =
        Combinators.combine(
                number(0, 2), number(0.01, 20), number(0, 2), number(0, 5), number(-1, 1))
            .as(Heston::new);
    return Combinators.combine(number(1, 10_000), number(1e-4, 30), heston).as(Draw::new);
  }

  private static Arbitrary<Double> number(double low, double high) {
    return Arbitraries.doubles().between(low, high).ofScale(10);
  }

  private static void checkBounds(double strike, double expiry, Heston heston) {
    Greeks call = HestonFormula.price(european(CALL, strike, expiry), 100, 0.03, 0.01, heston);
    Greeks put = HestonFormula.price(european(PUT, strike, expiry), 100, 0.03, 0.01, heston);
    double grown = 100 * Math.exp(-0.01 * expiry);
    double owed = strike * Math.exp(-0.03 * expiry);
    double rounding = 1e-10 * (100 + strike);
    assertThat(call.price()).isBetween(Math.max(grown - owed, 0) - rounding, grown + rounding);
    assertThat(put.price()).isBetween(Math.max(owed - grown, 0) - rounding, owed + rounding);
    assertThat(call.price() - put.price()).isCloseTo(grown - owed, within(rounding));
    assertThat(call.delta()).isBetween(-1e-9, 1 + 1e-9);
    assertThat(call.gamma()).isGreaterThanOrEqualTo(-1e-9);
    assertThat(call.vega()).isGreaterThanOrEqualTo(-1e-7);
    assertThat(new double[] {call.rho(), call.theta(), put.rho(), put.theta()})
        .doesNotContain(Double.NaN);
  }

  @Test
  void refusesWhatItCannotPrice() {
    assertThatThrownBy(
            () ->
                HestonFormula.price(
                    new Option(PUT, AMERICAN, 90, 1), 100, 0.05, 0, IN_T_HOUT_FOULON_1))
        .hasMessageStartingWith("exercise: american (expected: european;");
  }
}
