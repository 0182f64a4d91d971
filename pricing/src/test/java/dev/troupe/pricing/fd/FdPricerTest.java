package dev.troupe.pricing.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Greeks;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import dev.troupe.pricing.model.Vasicek;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is asked, what comes back, and what is refused. */
class FdPricerTest {
  private static final Market MARKET = new Market(100, .01);
  private static final FdModel MODEL = Prices.heston(Prices.R, .03);

  @Test
  void resultsComeInTheOrderOfTheOptions() {
    List<Option> options = new ArrayList<>();
    for (double strike : new double[] {110, 90}) {
      for (Option.Type type : Option.Type.values()) {
        for (Exercise exercise : Exercise.values()) {
          options.add(new Option(type, exercise, strike, 1));
        }
      }
    }
    List<FdResult> results = new FdPricer(FdSettings.DEFAULT).price(MODEL, MARKET, options);
    assertThat(results).extracting(FdResult::option).containsExactlyElementsOf(options);
  }

  @Test
  void aChainAndItsOptionsAloneAgree() {
    FdSettings settings = FdSettings.DEFAULT.to(1e-3);
    List<Option> chain = Prices.chain(Option.Type.PUT, Exercise.AMERICAN, 1, 70, 90, 100, 120, 150);
    List<FdResult> together = new FdPricer(settings).price(MODEL, MARKET, chain);
    for (FdResult result : together) {
      double alone = Prices.price(settings, MODEL, MARKET, result.option()).price();
      assertThat(result.price()).isCloseTo(alone, within(2e-3));
    }
  }

  @Test
  void toleranceChoosesTheGrid() {
    double exact = 16.070154917028834;
    FdModel lewis = Prices.heston(new Heston(.04, 4, .25, 1, -.5), .01);
    int before = 0;
    for (double tolerance : new double[] {1e-2, 1e-3, 1e-4, 1e-5}) {
      FdResult result =
          Prices.price(
              FdSettings.DEFAULT.to(tolerance),
              lewis,
              new Market(100, .02),
              new Option(Option.Type.CALL, Exercise.EUROPEAN, 100, 1));
      assertThat(result.errorEstimate()).isLessThanOrEqualTo(tolerance);
      assertThat(Math.abs(result.price() - exact)).isLessThanOrEqualTo(tolerance);
      assertThat(result.grid().spot()).isGreaterThanOrEqualTo(before);
      before = result.grid().spot();
    }
    assertThat(before).isGreaterThan(FdSettings.DEFAULT.grid().spot());
  }

  @Test
  void aToleranceOutOfReachIsSaidWithTheEstimate() {
    FdSettings settings = FdSettings.DEFAULT.to(1e-9).within(10_000_000);
    Option option = new Option(Option.Type.PUT, Exercise.EUROPEAN, 100, 1);
    assertThatThrownBy(() -> Prices.price(settings, MODEL, MARKET, option))
        .isInstanceOf(ToleranceException.class)
        .hasMessageStartingWith("tolerance: 1.0e-09 (expected: >= ")
        .hasMessageContaining("at best, on the finest grid within maxWork, 10000000 nodes times")
        .satisfies(e -> assertThat(((ToleranceException) e).estimate()).isBetween(1e-8, 1e-2));
  }

  /** What the first grids say is no more than what the finest one leaves, and enough to refuse. */
  @ParameterizedTest
  @EnumSource
  void aHopelessToleranceIsRefusedByTheFirstGrids(Exercise exercise) {
    long limit = 30_000_000;
    FdSettings settings = FdSettings.DEFAULT.within(limit);
    Option option = new Option(Option.Type.PUT, exercise, 100, 1);
    String message = refusal(settings.to(1e-12), option).getMessage();
    Matcher said =
        Pattern.compile(">= (.*), at best, .*, judging by (\\d+) x (\\d+) x \\d+ nodes and (\\d+)")
            .matcher(message);
    assertThat(said.find()).describedAs(message).isTrue();
    double best = Double.parseDouble(said.group(1));
    long work = 1;
    for (int axis = 2; axis <= 4; axis++) {
      work *= Long.parseLong(said.group(axis));
    }
    assertThat(work).isLessThan(limit / 20);
    assertThat(refusal(settings.to(best), option).estimate()).isGreaterThan(best);
  }

  private static ToleranceException refusal(FdSettings settings, Option option) {
    return catchThrowableOfType(
        ToleranceException.class, () -> Prices.price(settings, MODEL, MARKET, option));
  }

  @Test
  void extrapolationAndControlBringPricesCloser() {
    FdModel model = Prices.full(.3, .1);
    Option put = new Option(Option.Type.PUT, Exercise.AMERICAN, 80, 1);
    Market market = new Market(100, 0);
    double exact = 2.03277;
    FdSettings coarse = FdSettings.DEFAULT.on(new Grid(48, 24, 8, 32));
    double plain = Prices.price(coarse.improved(false, false), model, market, put).price();
    double extrapolated = Prices.price(coarse.improved(true, false), model, market, put).price();
    double controlled = Prices.price(coarse.improved(false, true), model, market, put).price();
    assertThat(Math.abs(extrapolated - exact)).isLessThan(Math.abs(plain - exact) / 2);
    assertThat(Math.abs(controlled - exact)).isLessThan(Math.abs(plain - exact) / 2);
  }

  /** The error of a European price under a correlated rate, freed of that without correlation. */
  @Test
  void formulasBringEuropeanPricesUnderCorrelatedRatesCloser() {
    FdModel model = Prices.full(.3, .1);
    List<Option> calls = Prices.chain(Option.Type.CALL, Exercise.EUROPEAN, 1, 80, 100, 120);
    Market market = new Market(100, 0);
    double[] exact = {24.501245, 10.680911, 3.058003};
    FdSettings coarse = FdSettings.DEFAULT.on(new Grid(64, 32, 2, 16));
    double[] plain = Prices.prices(coarse.improved(true, false), model, market, calls);
    double[] controlled = Prices.prices(coarse.improved(true, true), model, market, calls);
    double error = Prices.largest(controlled, exact);
    assertThat(error).isLessThan(2e-4).isLessThan(Prices.largest(plain, exact) / 10);
  }

  @Test
  void vasiceksRateWithoutVolatilityIsAKnownRate() {
    Vasicek still = new Vasicek(.05, 2, .02, 0);
    ShortRate rate = ShortRate.vasicek(still);
    Option call = new Option(Option.Type.CALL, Exercise.AMERICAN, 100, 1);
    FdModel vasicek = FdModel.hestonVasicek(new HestonVasicek(Prices.R, still, .3, .1));
    FdModel known = FdModel.heston(Prices.R, ShortRate.known(t -> rate.bond(0, t, 0)));
    Greeks expected = Prices.price(FdSettings.DEFAULT, known, MARKET, call).greeks();
    Greeks greeks = Prices.price(FdSettings.DEFAULT, vasicek, MARKET, call).greeks();
    assertThat(greeks.price()).isCloseTo(expected.price(), within(1e-9));
    assertThat(greeks.theta()).isCloseTo(expected.theta(), within(1e-6));
    assertThat(greeks.rho()).isCloseTo(expected.rho(), within(1e-4));
  }

  @Test
  void theSameInputGivesTheSameBits() {
    List<Option> puts = Prices.chain(Option.Type.PUT, Exercise.AMERICAN, 1, 90, 110);
    FdPricer pricer = new FdPricer(FdSettings.DEFAULT);
    assertThat(pricer.price(MODEL, MARKET, puts)).isEqualTo(pricer.price(MODEL, MARKET, puts));
  }

  @Test
  void badInputIsNamed() {
    FdPricer pricer = new FdPricer(FdSettings.DEFAULT);
    assertThatThrownBy(() -> pricer.price(MODEL, MARKET, List.of()))
        .hasMessage("options: none (expected: at least one)");
    Option near = new Option(Option.Type.PUT, Exercise.EUROPEAN, 100, 1);
    Option far = new Option(Option.Type.PUT, Exercise.EUROPEAN, 100, 2);
    assertThatThrownBy(() -> pricer.price(MODEL, MARKET, List.of(near, far)))
        .hasMessageStartingWith("options: expiries 1.0 and 2.0");
    assertThatThrownBy(() -> new Market(0, 0)).hasMessage("spot: 0.0 (expected: > 0)");
    assertThatThrownBy(() -> new CashDividend(-1, 1)).hasMessage("time: -1.0 (expected: > 0)");
    assertThatThrownBy(() -> new Grid(4, 8, 8, 8)).hasMessage("grid.spot: 4 (expected: >= 8)");
    assertThatThrownBy(() -> FdSettings.DEFAULT.to(0)).hasMessageStartingWith("tolerance: 0.0");
    assertThatThrownBy(() -> Prices.black(0, .01)).hasMessage("vol: 0.0 (expected: > 0)");
    assertThatThrownBy(() -> ShortRate.hullWhite(t -> 1, 0, .01))
        .hasMessage("rateSpeed: 0.0 (expected: > 0)");
    assertThatThrownBy(() -> Prices.price(FdSettings.DEFAULT.within(10), MODEL, MARKET, near))
        .hasMessageContaining("maxWork, 10");
  }
}
