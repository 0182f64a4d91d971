package dev.troupe.pricing.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import dev.troupe.pricing.model.Vasicek;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Greeks from the grid are the differences of prices that they stand for. */
class GreeksTest {
  private static final double SPOT = 100;
  private static final double EXPIRY = 1;

  /** Spot, root of variance now, short rate now, years gone by. */
  private interface Price {
    double at(double spot, double root, double rate, double years);
  }

  static Stream<Arguments> options() {
    return Stream.of(Exercise.values())
        .flatMap(
            exercise ->
                Stream.of(90, 100, 110)
                    .flatMap(
                        strike ->
                            Stream.of("black", "heston", "full")
                                .map(model -> Arguments.of(model, exercise, strike))));
  }

  @ParameterizedTest
  @MethodSource("options")
  void areDifferencesOfPrices(String model, Exercise exercise, double strike) {
    Price price =
        (s, root, rate, years) -> result(model, exercise, strike, s, root, rate, years).price();
    Greeks g = result(model, exercise, strike, SPOT, .25, .04, 0).greeks();
    assertThat(g.delta()).isCloseTo(slope(h -> price.at(SPOT + h, .25, .04, 0), .5), within(3e-3));
    assertThat(g.gamma())
        .isCloseTo(curvature(h -> price.at(SPOT + h, .25, .04, 0), 2), within(1e-3));
    assertThat(g.vega()).isCloseTo(slope(h -> price.at(SPOT, .25 + h, .04, 0), .01), within(.3));
    assertThat(g.rho()).isCloseTo(slope(h -> price.at(SPOT, .25, .04 + h, 0), .005), within(.5));
    assertThat(g.theta()).isCloseTo(slope(h -> price.at(SPOT, .25, .04, h), .02), within(.05));
  }

  private static double slope(DoubleUnaryOperator f, double h) {
    return (f.applyAsDouble(h) - f.applyAsDouble(-h)) / (2 * h);
  }

  private static double curvature(DoubleUnaryOperator f, double h) {
    return (f.applyAsDouble(h) - 2 * f.applyAsDouble(0) + f.applyAsDouble(-h)) / (h * h);
  }

  private static FdResult result(
      String name,
      Exercise exercise,
      double strike,
      double spot,
      double root,
      double rate,
      double years) {
    FdModel model =
        switch (name) {
          case "black" -> Prices.black(root, rate);
          case "heston" -> Prices.heston(new Heston(root * root, 2, .06, .4, -.6), rate);
          default ->
              FdModel.hestonVasicek(
                  new HestonVasicek(
                      new Heston(root * root, 2, .06, .4, -.6),
                      new Vasicek(rate, .2, .05, .015),
                      .3,
                      .1));
        };
    return Prices.price(
        FdSettings.DEFAULT.on(new Grid(96, 32, 8, 48)),
        model,
        new Market(spot, .01),
        new Option(Option.Type.PUT, exercise, strike, EXPIRY - years));
  }
}
