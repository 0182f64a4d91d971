package dev.troupe.pricing.backtest.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.calibration.VolQuote;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.RateHistory;
import dev.troupe.pricing.market.SimulatedMarket;
import dev.troupe.pricing.market.Snapshot;
import dev.troupe.pricing.market.Terms;
import dev.troupe.pricing.model.Option;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoringTest {

  private static final long NOW = MarketTime.parse("2020-01-02");

  private static PricedQuote priced(double bid, double ask, double price, double vol) {
    Quote quote = Quote.of(Option.Type.CALL, 100, NOW, bid, ask);
    double hedged = vol > 0.2 ? 3 : Double.NaN;
    return new PricedQuote(
        0, 1, Model.HESTON, "base", quote, 0.2, price, vol, 0.5, hedged, 0.4, hedged / 2);
  }

  @Test
  void errorsFollowFromTheirSums() {
    Errors errors = new Errors();
    errors.add(priced(1.9, 2.1, 2.05, 0.21));
    errors.add(priced(0.3, 0.5, 0.1, 0.17));
    errors.add(priced(3.9, 4.1, 5, Double.NaN));

    assertThat(errors.quotes()).isEqualTo(3);
    assertThat(errors.mae()).isCloseTo((0.05 + 0.3 + 1) / 3, within(1e-12));
    assertThat(errors.bias()).isCloseTo((0.05 - 0.3 + 1) / 3, within(1e-12));
    assertThat(errors.rmse()).isCloseTo(Math.sqrt((0.0025 + 0.09 + 1) / 3), within(1e-12));
    assertThat(errors.mape()).isCloseTo((0.05 / 2 + 0.25) / 2, within(1e-12));
    assertThat(errors.volRmse()).isCloseTo(Math.sqrt((1e-4 + 9e-4) / 2), within(1e-12));
    assertThat(errors.inside()).isCloseTo(1 / 3.0, within(1e-12));
    assertThat(errors.hedge()).isCloseTo(9, within(1e-12));
    assertThat(errors.fairHedge()).isCloseTo(2.25, within(1e-12));
  }

  @Test
  void comparesLossesWithTheirAutocorrelation() {
    DieboldMariano test = DieboldMariano.of(new double[] {1, 2, 3, 4}, 1);
    assertThat(test.statistic()).isCloseTo(4, within(1e-12)); // variance 5/4 + 5/16, by hand
    assertThat(test.pValue()).isCloseTo(6.334e-5, within(1e-8));
    assertThat(DieboldMariano.of(new double[] {-1, -2, -3, -4}, 1).statistic())
        .isCloseTo(-4, within(1e-12));
    assertThat(DieboldMariano.of(new double[] {1, 1, 1}, 1).statistic()).isNaN();
    assertThat(DieboldMariano.of(new double[0], 5).statistic()).isNaN();
  }

  @ParameterizedTest
  @CsvSource({
    "90, 59, 0, 0",
    "90.1, 60, 1, 0",
    "97.1, 61, 2, 1",
    "103.1, 181, 3, 2",
    "111, 9, 4, 0"
  })
  void bucketsByMoneynessAndTenor(double strike, int days, int moneyness, int tenor) {
    Quote quote = Quote.of(Option.Type.PUT, strike, NOW + days * MarketTime.SECONDS_A_DAY, 1, 1.1);
    assertThat(Bucket.of(quote, NOW, 100)).isEqualTo(new Bucket(moneyness, tenor, Option.Type.PUT));
  }

  @Test
  void pricedQuotesComeBackFromTheirBytes() throws Exception {
    PricedQuote quote = priced(Double.NaN, Double.NaN, 5, Double.NaN);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    quote.write(new DataOutputStream(bytes));
    assertThat(PricedQuote.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()))))
        .isEqualTo(quote);
  }

  @Test
  void surfaceGoesThroughItsPointsAndBetweenThem() {
    MarketData market = SimulatedMarket.usual(5).quotes(1, 2);
    Snapshot snapshot = market.history().snapshots().get(0);
    ImpliedSurface surface = new ImpliedSurface(snapshot, market.terms());
    assertThat(surface.points()).hasSizeGreaterThan(20);
    for (VolQuote point : surface.points()) {
      double moneyness = Math.log(point.strike() / point.forward());
      assertThat(surface.vol(moneyness, point.expiry())).isCloseTo(point.vol(), within(1e-12));
    }
    VolQuote a = surface.points().get(0);
    VolQuote b = surface.points().get(1);
    double between = (Math.log(a.strike() / a.forward()) + Math.log(b.strike() / b.forward())) / 2;
    assertThat(surface.vol(between, a.expiry())).isCloseTo((a.vol() + b.vol()) / 2, within(1e-12));
    assertThat(surface.vol(-5, a.expiry())).isCloseTo(a.vol(), within(1e-12));
  }

  @Test
  void surfaceIsEmptyWithoutAPriceThatHasAVolatility() {
    Terms terms = new Terms(RateHistory.flat(0), 0);
    Quote worthless = Quote.of(Option.Type.CALL, 120, NOW + 86_400, 0, 0);
    assertThat(new ImpliedSurface(new Snapshot(NOW, 100, List.of(worthless)), terms).isEmpty())
        .isTrue();
  }

  @Test
  void thinsEvenly() {
    Thinned<Integer> thinned = new Thinned<>(4);
    for (int i = 0; i < 20; i++) {
      thinned.add(i);
    }
    assertThat(thinned.items()).containsExactly(0, 8, 16);
    thinned.add(20);
    assertThat(thinned.items()).containsExactly(0, 8, 16);
  }

  @Test
  void scenariosMoveTheirParameterAlone() {
    assertThat(Scenario.parse("sigma*1.5").of("sigma", 2)).isEqualTo(3);
    assertThat(Scenario.parse("sigma*1.5").of("kappa", 2)).isEqualTo(2);
    assertThat(Scenario.parse("base").concerns(Model.BLACK_SCHOLES)).isTrue();
    assertThat(Scenario.parse("vol*1.1").concerns(Model.HESTON)).isFalse();
    assertThat(Scenario.parse("rate-vol*2").concerns(Model.HESTON)).isFalse();
  }
}
