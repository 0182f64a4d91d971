package dev.troupe.pricing.analytic;

import static dev.troupe.pricing.model.Option.Exercise.AMERICAN;
import static dev.troupe.pricing.model.Option.Exercise.EUROPEAN;
import static dev.troupe.pricing.model.Option.Type.CALL;
import static dev.troupe.pricing.model.Option.Type.PUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Option;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlackScholesTest {

  private static Option european(Option.Type type, double strike, double expiry) {
    return new Option(type, EUROPEAN, strike, expiry);
  }

  @Test
  void priceAndGreeksAtTheMoney() {
    Greeks call = BlackScholes.price(european(CALL, 100, 1), 100, 0.05, 0, 0.2);
    Offset<Double> digits = within(5e-11);
    assertThat(call.price()).isCloseTo(10.4505835722, digits);
    assertThat(call.delta()).isCloseTo(0.6368306512, digits);
    assertThat(call.gamma()).isCloseTo(0.0187620173, digits);
    assertThat(call.vega()).isCloseTo(37.5240346917, digits);
    assertThat(call.theta()).isCloseTo(-6.4140275464, digits);
    assertThat(call.rho()).isCloseTo(53.2324815454, digits);
    assertThat(BlackScholes.price(european(PUT, 100, 1), 100, 0.05, 0, 0.2).price())
        .isCloseTo(5.5735260223, digits);
  }

  /** E. Haug, "The complete guide to option pricing formulas", as QuantLib's tests have them. */
  @ParameterizedTest
  @CsvSource({
    "CALL, 65, 60, 0, 0.08, 0.25, 0.30, 2.1334",
    "PUT, 95, 100, 0.05, 0.10, 0.5, 0.20, 2.4648",
    "CALL, 19, 19, 0.10, 0.10, 0.75, 0.28, 1.7011",
    "PUT, 19, 19, 0.10, 0.10, 0.75, 0.28, 1.7011",
    "CALL, 1.60, 1.56, 0.08, 0.06, 0.5, 0.12, 0.0291",
    "PUT, 70, 75, 0.05, 0.10, 0.5, 0.35, 4.0870",
    "CALL, 100, 90, 0.10, 0.10, 0.5, 0.25, 2.7026",
    "CALL, 100, 100, 0.10, 0.10, 0.5, 0.25, 6.6997",
    "CALL, 100, 110, 0.10, 0.10, 0.5, 0.25, 12.7857",
    "CALL, 40, 42, 0.08, 0.04, 0.75, 0.35, 5.0975",
    "CALL, 40, 42, 0, 0.1, 0.5, 0.2, 4.75942239",
    "PUT, 40, 42, 0, 0.1, 0.5, 0.2, 0.80859937"
  })
  void agreesWithTextbooks(
      Option.Type type,
      double strike,
      double spot,
      double dividend,
      double rate,
      double expiry,
      double vol,
      double expected) {
    assertThat(
            BlackScholes.price(european(type, strike, expiry), spot, rate, dividend, vol).price())
        .isCloseTo(expected, within(1e-4));
  }

  @Property
  void greeksAreTheSlopesOfPrices(
      @ForAll Option.Type type,
      @ForAll @Scale(10) @DoubleRange(min = 60, max = 160) double strike,
      @ForAll @Scale(10) @DoubleRange(min = 0.1, max = 5) double expiry,
      @ForAll @Scale(10) @DoubleRange(min = -0.02, max = 0.1) double rate,
      @ForAll @Scale(10) @DoubleRange(min = 0, max = 0.1) double dividend,
      @ForAll @Scale(10) @DoubleRange(min = 0.1, max = 0.8) double vol) {
    Option option = european(type, strike, expiry);
    Greeks greeks = BlackScholes.price(option, 100, rate, dividend, vol);
    Slopes.check(
        greeks,
        100,
        s -> BlackScholes.price(option, s, rate, dividend, vol),
        dv -> BlackScholes.price(option, 100, rate, dividend, vol + dv),
        dr -> BlackScholes.price(option, 100, rate + dr, dividend, vol),
        dt -> BlackScholes.price(european(type, strike, expiry + dt), 100, rate, dividend, vol));
  }

  @Property
  void callLessPutIsTheForward(
      @ForAll @Scale(10) @DoubleRange(min = 1, max = 1e4) double strike,
      @ForAll @Scale(10) @DoubleRange(min = 1e-3, max = 30) double expiry,
      @ForAll @Scale(10) @DoubleRange(min = 0, max = 3) double vol) {
    double call = BlackScholes.price(european(CALL, strike, expiry), 100, 0.03, 0.01, vol).price();
    double put = BlackScholes.price(european(PUT, strike, expiry), 100, 0.03, 0.01, vol).price();
    double forward = 100 * Math.exp(-0.01 * expiry) - strike * Math.exp(-0.03 * expiry);
    assertThat(call - put).isCloseTo(forward, within(1e-14 * (100 + strike)));
    assertThat(call).isBetween(Math.max(forward, 0), 100.0);
  }

  @Test
  void withoutVolatilityItIsTheDiscountedIntrinsicValue() {
    Greeks call = BlackScholes.price(european(CALL, 90, 2), 100, 0.05, 0, 0);
    assertThat(call.price()).isCloseTo(100 - 90 * Math.exp(-0.1), within(1e-13));
    assertThat(call.delta()).isEqualTo(1);
    assertThat(call.gamma()).isZero();
    assertThat(BlackScholes.price(european(PUT, 90, 2), 100, 0.05, 0, 0).price()).isZero();
  }

  @Test
  void refusesWhatItCannotPrice() {
    assertThatThrownBy(
            () -> BlackScholes.price(new Option(PUT, AMERICAN, 90, 1), 100, 0.05, 0, 0.2))
        .hasMessageStartingWith("exercise: american (expected: european;");
    assertThatThrownBy(() -> BlackScholes.price(european(PUT, 90, 1), 0, 0.05, 0, 0.2))
        .hasMessage("s0: 0.0 (expected: > 0)");
    assertThatThrownBy(() -> BlackScholes.price(european(PUT, 90, 1), 100, 0.05, 0, -0.2))
        .hasMessage("vol: -0.2 (expected: >= 0)");
  }
}
