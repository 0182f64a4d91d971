package dev.troupe.pricing.analytic;

import static dev.troupe.pricing.model.Option.Exercise.EUROPEAN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Option;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImpliedVolatilityTest {

  /** What the last digit of the value can tell of the deviation, relative. */
  private static double conditioning(double value, double forward, double strike, double s) {
    double vega =
        Math.sqrt(forward * strike) * Black.normalizedVega(Black.logRatio(forward, strike), s);
    return 4e-16 * value / (vega * s);
  }

  @Property(tries = 5000)
  void theDeviationComesBackFromTheValueOutOfTheMoney(
      @ForAll @Scale(10) @DoubleRange(min = -8, max = 8) double logMoneyness,
      @ForAll @Scale(10) @DoubleRange(min = -7, max = 1.2) double logDeviation) {
    double strike = 100 * Math.exp(logMoneyness);
    double s = Math.pow(10, logDeviation);
    double value = Black.timeValue(100, strike, s);
    if (value < 1e-290 || value >= Math.min(100, strike)) {
      return; // nothing left of it in a double
    }
    assertThat(ImpliedVolatility.deviation(value, 100, strike))
        .isCloseTo(s, within(s * (1e-12 + conditioning(value, 100, strike, s))));
  }

  @Property(tries = 5000)
  void theDeviationComesBackNearTheMoney(
      @ForAll @Scale(10) @DoubleRange(min = -16, max = 0) double logDistance,
      @ForAll boolean above,
      @ForAll @Scale(10) @DoubleRange(min = -12, max = 1.2) double logDeviation) {
    double strike = 100 * (1 + (above ? 1 : -0.99) * Math.pow(10, logDistance));
    double s = Math.pow(10, logDeviation);
    double value = Black.timeValue(100, strike, s);
    if (value < 1e-290 || value >= Math.min(100, strike)) {
      return;
    }
    assertThat(ImpliedVolatility.deviation(value, 100, strike))
        .isCloseTo(s, within(s * (1e-12 + conditioning(value, 100, strike, s))));
  }

  @Property
  void theVolatilityComesBackFromAPrice(
      @ForAll Option.Type type,
      @ForAll @Scale(10) @DoubleRange(min = 20, max = 500) double strike,
      @ForAll @Scale(10) @DoubleRange(min = 0.003, max = 10) double expiry,
      @ForAll @Scale(10) @DoubleRange(min = 0.01, max = 3) double vol) {
    Option option = new Option(type, EUROPEAN, strike, expiry);
    double discount = Math.exp(-0.04 * expiry);
    double forward = 100 / discount;
    double price = BlackScholes.price(option, 100, 0.04, 0, vol).price();
    double vega = BlackScholes.price(option, 100, 0.04, 0, vol).vega();
    double lost = 4e-16 * (price + 100 + strike) / vega; // of the intrinsic value's digits
    if (lost > 1e-3 * vol || price >= (type == Option.Type.CALL ? 100 : strike * discount)) {
      return;
    }
    assertThat(ImpliedVolatility.of(option, price, forward, discount))
        .isCloseTo(vol, within(1e-12 * vol + lost));
  }

  /** From mpmath at 60 digits: value in units of the forward at strike / forward and deviation. */
  @ParameterizedTest
  @CsvSource({
    "1, 1e-8, 3.98942280401432685e-9",
    "1, 0.2, 0.0796556745540579673",
    "1, 3, 0.866385597462283868",
    "1.0001, 1e-5, 7.51312893834737601e-30",
    "1.05, 0.002, 8.07385325929104479e-136",
    "1.1, 0.0625, 0.00181372651178095629",
    "2, 0.03125, 5.23236800114451457e-112",
    "2, 0.5, 0.0261386992880111229",
    "0.5, 0.25, 0.000146485308162280331",
    "0.01, 1, 3.67601951978043583e-8",
    "0.01, 4, 0.00720703156383461924",
    "1000, 0.5, 1.12843112532751388e-43",
    "1000, 6, 0.951219823890100689",
    "0.9, 1.5, 0.47046495135254986",
    "1.5, 8, 0.999922511484274588"
  })
  void blackKeepsItsDigits(double strike, double s, double expected) {
    assertThat(Black.timeValue(1, strike, s)).isCloseTo(expected, within(2e-13 * expected));
    assertThat(ImpliedVolatility.deviation(expected, 1, strike)).isCloseTo(s, within(1e-12 * s));
  }

  @ParameterizedTest
  @CsvSource({"CALL, 9.99", "CALL, 110", "PUT, -0.01", "PUT, 100", "CALL, NaN"})
  void refusesPricesThatNoVolatilityGives(Option.Type type, double price) {
    Option option = new Option(type, EUROPEAN, 100, 1);
    assertThatThrownBy(() -> ImpliedVolatility.of(option, price, 110, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("price: " + price + " (expected: in [");
  }

  @ParameterizedTest
  @CsvSource({"CALL, 10", "PUT, 0"})
  void theIntrinsicValueHasNoVolatility(Option.Type type, double price) {
    assertThat(ImpliedVolatility.of(new Option(type, EUROPEAN, 100, 1), price, 110, 1)).isZero();
  }
}
