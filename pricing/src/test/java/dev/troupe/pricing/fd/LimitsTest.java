package dev.troupe.pricing.fd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.HestonVasicek;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import dev.troupe.pricing.model.Vasicek;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each model is the limit of the next; bounds, parity and order hold. */
class LimitsTest {
  private static final Market MARKET = new Market(100, .02);
  private static final double[] STRIKES = {70, 85, 100, 115, 130};
  private static final FdSettings FINE = FdSettings.DEFAULT.on(new Grid(128, 64, 8, 64));

  /**
   * With a correlation, a volatility of variance of 1e-4 is worth 2e-4 itself, and ten times less
   * at 1e-5: the limit is met at the rate it has.
   */
  @ParameterizedTest
  @CsvSource({
    "EUROPEAN, 1e-4, 0",
    "AMERICAN, 1e-4, 0",
    "EUROPEAN, 1e-5, -.5",
    "AMERICAN, 1e-5, -.5"
  })
  void hestonBecomesBlack(Exercise exercise, double sigma, double rho) {
    FdModel heston = Prices.heston(new Heston(.04, 1.5, .04, sigma, rho), .03);
    List<Option> puts = Prices.chain(Option.Type.PUT, exercise, 1, STRIKES);
    assertThat(Prices.prices(FINE, heston, MARKET, puts))
        .containsExactly(Prices.prices(FINE, Prices.black(.2, .03), MARKET, puts), within(1e-4));
  }

  @ParameterizedTest
  @EnumSource
  void hestonVasicekBecomesHeston(Exercise exercise) {
    Vasicek still = new Vasicek(.03, .5, .03, 1e-6);
    FdModel full = FdModel.hestonVasicek(new HestonVasicek(Prices.R, still, .3, .1));
    List<Option> puts = Prices.chain(Option.Type.PUT, exercise, 1, STRIKES);
    FdSettings settings = FdSettings.DEFAULT.on(new Grid(64, 32, 8, 32));
    double[] expected = Prices.prices(settings, Prices.heston(Prices.R, .03), MARKET, puts);
    // Their time grids and coefficients agree; theta, which differs with the dimension, does not.
    assertThat(Prices.prices(settings, full, MARKET, puts)).containsExactly(expected, within(2e-3));
  }

  @Test
  void hullWhiteFittedToVasiceksCurveIsVasicek() {
    ShortRate vasicek = ShortRate.vasicek(Prices.RATE);
    ShortRate fitted =
        ShortRate.hullWhite(t -> vasicek.bond(0, t, 0), Prices.RATE.speed(), Prices.RATE.vol());
    List<Option> puts = Prices.chain(Option.Type.PUT, Exercise.AMERICAN, 1, STRIKES);
    FdSettings settings = FdSettings.DEFAULT.on(new Grid(64, 32, 8, 32));
    assertThat(Prices.prices(settings, new FdModel(Prices.R, fitted, .3, .1), MARKET, puts))
        .containsExactly(Prices.prices(settings, Prices.full(.3, .1), MARKET, puts), within(1e-10));
  }

  @Test
  void callsAndPutsKeepParity() {
    List<Option> both =
        new ArrayList<>(Prices.chain(Option.Type.CALL, Exercise.EUROPEAN, 1, STRIKES));
    both.addAll(Prices.chain(Option.Type.PUT, Exercise.EUROPEAN, 1, STRIKES));
    FdModel model = Prices.full(.3, .1);
    List<FdResult> results = new FdPricer(FINE).price(model, MARKET, both);
    double bond = model.rate().bond(0, 1, 0);
    for (int i = 0; i < STRIKES.length; i++) {
      double difference = results.get(i).price() - results.get(i + STRIKES.length).price();
      assertThat(difference).isCloseTo(100 * Math.exp(-.02) - STRIKES[i] * bond, within(1e-10));
    }
  }

  @Test
  void earlyExerciseIsWorthSomethingAndAtLeastThePayoff() {
    FdModel model = Prices.full(.3, .1);
    double[] american =
        Prices.prices(
            FINE, model, MARKET, Prices.chain(Option.Type.PUT, Exercise.AMERICAN, 1, STRIKES));
    double[] european =
        Prices.prices(
            FINE, model, MARKET, Prices.chain(Option.Type.PUT, Exercise.EUROPEAN, 1, STRIKES));
    for (int i = 0; i < STRIKES.length; i++) {
      assertThat(american[i]).isGreaterThan(european[i]);
      assertThat(american[i]).isGreaterThanOrEqualTo(STRIKES[i] - 100 - 1e-3);
    }
  }

  @Test
  void withoutDividendsAmericanCallsAreEuropean() {
    Market market = new Market(100, 0);
    FdModel model = Prices.heston(Prices.R, .05);
    assertThat(
            Prices.prices(
                FINE, model, market, Prices.chain(Option.Type.CALL, Exercise.AMERICAN, 1, STRIKES)))
        .containsExactly(
            Prices.prices(
                FINE, model, market, Prices.chain(Option.Type.CALL, Exercise.EUROPEAN, 1, STRIKES)),
            within(2e-3));
  }

  @ParameterizedTest
  @EnumSource
  void morePriceForMoreVariance(Exercise exercise) {
    double before = 0;
    for (double v0 : new double[] {0, .01, .04, .09, .16, .25}) {
      double price =
          Prices.price(
                  FdSettings.DEFAULT,
                  Prices.heston(new Heston(v0, 2, .06, .4, -.6), .03),
                  MARKET,
                  new Option(Option.Type.PUT, exercise, 100, 1))
              .price();
      assertThat(price).isGreaterThan(before);
      before = price;
    }
  }

  @Test
  void aDividendAtOnceIsALowerSpot() {
    Market paying = new Market(100, 0, List.of(new CashDividend(1e-6, 5)));
    List<Option> puts = Prices.chain(Option.Type.PUT, Exercise.EUROPEAN, 1, STRIKES);
    FdModel model = Prices.heston(Prices.R, .03);
    assertThat(Prices.prices(FINE, model, paying, puts))
        .containsExactly(Prices.prices(FINE, model, new Market(95, 0), puts), within(2e-3));
  }

  @Test
  void projectionComesToTheSamePrices() {
    FdModel model = Prices.heston(new Heston(.0625, 5, .16, .9, .1), .1);
    List<Option> puts = Prices.chain(Option.Type.PUT, Exercise.AMERICAN, .25, STRIKES);
    double[] split = Prices.prices(FINE, model, MARKET, puts);
    double[] projected = Prices.prices(FINE.with(EarlyExercise.PROJECTION), model, MARKET, puts);
    assertThat(projected).containsExactly(split, within(1e-2));
  }

  @ParameterizedTest
  @EnumSource
  void spacingsComeToTheSamePrices(Exercise exercise) {
    FdModel model = Prices.full(.3, .1);
    List<Option> puts = Prices.chain(Option.Type.PUT, exercise, 1, STRIKES);
    FdSettings settings = FdSettings.DEFAULT.on(new Grid(96, 48, 16, 48));
    assertThat(Prices.prices(settings.with(Spacing.QUANTILE), model, MARKET, puts))
        .containsExactly(Prices.prices(settings, model, MARKET, puts), within(1e-2));
  }

  @Test
  void schemesAgree() {
    FdModel model = Prices.full(.3, .1);
    List<Option> puts = Prices.chain(Option.Type.PUT, Exercise.AMERICAN, 1, STRIKES);
    FdSettings settings = FdSettings.DEFAULT.on(new Grid(64, 32, 8, 64));
    double[] expected = Prices.prices(settings, model, MARKET, puts);
    for (Scheme scheme : Scheme.values()) {
      assertThat(Prices.prices(settings.with(scheme), model, MARKET, puts))
          .describedAs(scheme.name())
          .containsExactly(expected, within(scheme == Scheme.DOUGLAS ? 1e-2 : 5e-3));
    }
  }
}
