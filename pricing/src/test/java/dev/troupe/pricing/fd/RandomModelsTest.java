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
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/**
 * Over the whole range of admissible parameters: finite numbers, prices within their bounds, in the
 * order of their strikes, and calls and puts at parity.
 */
class RandomModelsTest {
  private static final double SPOT = 100;
  private static final double[] STRIKES = {50, 80, 100, 125, 200};

  /** One market and the options asked in it. */
  record Draw(
      FdModel model, double dividendYield, Exercise exercise, Option.Type type, double expiry) {}

  /** The same sets each time; the long profile draws others each time. */
  @Property(tries = 300, seed = "20251125")
  void pricesStayWithinBounds(@ForAll("draws") Draw draw) {
    check(draw);
  }

  @Property(tries = 10_000)
  @Tag("long")
  void pricesStayWithinBoundsForLong(@ForAll("draws") Draw draw) {
    check(draw);
  }

  private static void check(Draw draw) {
    List<Option> options =
        new ArrayList<>(Prices.chain(draw.type, draw.exercise, draw.expiry, STRIKES));
    if (draw.exercise == Exercise.EUROPEAN) { // the other type costs no sweep of its own
      Option.Type other = draw.type == Option.Type.CALL ? Option.Type.PUT : Option.Type.CALL;
      options.addAll(Prices.chain(other, draw.exercise, draw.expiry, STRIKES));
    }
    FdSettings settings = FdSettings.DEFAULT.on(new Grid(48, 24, 8, 16));
    List<FdResult> all =
        new FdPricer(settings).price(draw.model, new Market(SPOT, draw.dividendYield), options);
    double carry = Math.exp(-draw.dividendYield * draw.expiry);
    double bond = draw.model.rate().bond(0, draw.expiry, 0);
    List<FdResult> results = all.subList(0, STRIKES.length);
    // An early right may be used when discounts are dearer still, so its slope has no such bound.
    double steepest = draw.exercise == Exercise.EUROPEAN ? bond : Double.POSITIVE_INFINITY;
    checkOrder(draw.type, steepest, results);
    for (int n = STRIKES.length; n < all.size(); n++) {
      double difference = results.get(n - STRIKES.length).price() - all.get(n).price();
      double forward = SPOT * carry - STRIKES[n - STRIKES.length] * bond;
      assertThat(difference).isCloseTo(draw.type.sign() * forward, within(1e-8 * SPOT));
    }
    for (FdResult result : results) {
      double strike = result.option().strike();
      double price = result.price();
      double slack = slack(result);
      double forwardValue = draw.type.sign() * (SPOT * carry - strike * bond);
      assertThat(price).describedAs("%s", result).isGreaterThanOrEqualTo(forwardValue - slack);
      assertThat(price).describedAs("%s", result).isGreaterThanOrEqualTo(-slack);
      if (draw.exercise == Exercise.AMERICAN) {
        assertThat(price)
            .describedAs("%s", result)
            .isGreaterThanOrEqualTo(result.option().payoff(SPOT) - slack);
      } else {
        double most = draw.type == Option.Type.CALL ? SPOT * carry : strike * bond;
        assertThat(price).describedAs("%s", result).isLessThanOrEqualTo(most + slack);
      }
      assertThat(result.greeks().delta()).isFinite();
      assertThat(result.greeks().gamma()).isFinite();
      assertThat(result.greeks().vega()).isFinite();
      assertThat(result.greeks().rho()).isFinite();
      assertThat(result.greeks().theta()).isFinite();
    }
  }

  /** Higher strikes make calls cheaper and puts dearer, by no more than what they differ in. */
  private static void checkOrder(Option.Type type, double steepest, List<FdResult> results) {
    for (int n = 1; n < results.size(); n++) {
      FdResult low = results.get(n - 1);
      FdResult high = results.get(n);
      double slack = slack(low) + slack(high);
      double more = type.sign() * (low.price() - high.price());
      double apart = high.option().strike() - low.option().strike();
      assertThat(more).describedAs("%s, %s", low, high).isBetween(-slack, steepest * apart + slack);
    }
  }

  private static double slack(FdResult result) {
    return 2 * result.errorEstimate() + 2e-3 * result.option().strike();
  }

  @Provide
  Arbitrary<Draw> draws() {
    return Combinators.combine(
            models(),
            number(-.02, .1),
            Arbitraries.of(Exercise.class),
            Arbitraries.of(Option.Type.class),
            number(.01, 5))
        .as(Draw::new);
  }

  private static Arbitrary<FdModel> models() {
    Arbitrary<Heston> heston =
        Combinators.combine(
                number(0, .5), number(.05, 8), number(.001, .5), number(0, 1.5), number(-1, 1))
            .as(Heston::new);
    Arbitrary<Vasicek> rate =
        Combinators.combine(number(-.02, .1), number(.02, 2), number(-.01, .1), number(0, .03))
            .as(Vasicek::new);
    Arbitrary<FdModel> full =
        Combinators.combine(heston, rate, number(-1, 1), number(-1, 1))
            .as(RandomModelsTest::admissible);
    Arbitrary<FdModel> known =
        Combinators.combine(heston, number(-.02, .1)).as((h, r) -> Prices.heston(h, r));
    Arbitrary<FdModel> black =
        Combinators.combine(number(.01, 1), number(-.02, .1)).as((v, r) -> Prices.black(v, r));
    return Arbitraries.oneOf(List.of(full, known, black));
  }

  /** Correlations {@code rho, a} and what {@code b} leaves of the range that fits both. */
  private static FdModel admissible(Heston h, Vasicek rate, double a, double b) {
    double left = Math.sqrt((1 - h.rho() * h.rho()) * (1 - a * a));
    double rhoVr = Math.max(-1, Math.min(1, h.rho() * a + b * .999 * left));
    return FdModel.hestonVasicek(new HestonVasicek(h, rate, a, rhoVr));
  }

  private static Arbitrary<Double> number(double low, double high) {
    return Arbitraries.doubles().between(low, high).ofScale(6);
  }
}
