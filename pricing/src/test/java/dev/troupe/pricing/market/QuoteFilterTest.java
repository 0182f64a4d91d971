package dev.troupe.pricing.market;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.pricing.market.QuoteFilter.Filtered;
import dev.troupe.pricing.market.QuoteFilter.Reason;
import dev.troupe.pricing.model.Option;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuoteFilterTest {

  private static final Terms TERMS = new Terms(RateHistory.flat(0), 0);
  private static final QuoteFilter FILTER =
      new QuoteFilter(7, 365, 0.8, 1.2, 0.5, 0.005, Option.Exercise.EUROPEAN);
  private static final long NOW = MarketTime.parse("2020-01-02");
  private static final long LATER = NOW + 30 * MarketTime.SECONDS_A_DAY;

  private static Quote quote(Option.Type type, double strike, double days, double bid, double ask) {
    return Quote.of(type, strike, NOW + (long) (days * MarketTime.SECONDS_A_DAY), bid, ask);
  }

  private static Filtered filter(Snapshot... snapshots) {
    return FILTER.apply(new MarketHistory(MarketHistory.Kind.QUOTES, List.of(snapshots)), TERMS);
  }

  private static Snapshot snapshot(Quote... quotes) {
    List<Quote> sorted = new ArrayList<>(List.of(quotes));
    sorted.sort(Quote.ORDER);
    return new Snapshot(NOW, 100, sorted);
  }

  @ParameterizedTest
  @CsvSource({
    "CALL, 100, 30, 0, 0.1, NO_BID",
    "CALL, 100, 30, 2, NaN, NO_ASK",
    "CALL, 100, 30, 2.1, 2, CROSSED",
    "CALL, 100, 30, 1, 2, SPREAD",
    "CALL, 100, 6, 2, 2.1, TENOR",
    "CALL, 100, 366, 2, 2.1, TENOR",
    "CALL, 121, 30, 2, 2.1, MONEYNESS",
    "PUT, 79, 30, 2, 2.1, MONEYNESS",
    "CALL, 90, 30, 9, 9.4, BOUNDS",
    "PUT, 90, 30, 90.6, 91, BOUNDS",
  })
  void saysWhyAQuoteIsLeftOut(
      Option.Type type, double strike, double days, double bid, double ask, Reason reason) {
    Quote good = quote(Option.Type.CALL, 105, 30, 2, 2.1);
    Filtered filtered = filter(snapshot(good, quote(type, strike, days, bid, ask)));

    assertThat(filtered.history().snapshots().get(0).quotes()).containsExactly(good);
    assertThat(filtered.dropped()).containsEntry(reason, 1L);
    assertThat(filtered.dropped().values().stream().mapToLong(n -> n).sum()).isEqualTo(1);
  }

  @Test
  void leavesOutBothSidesOfAnArbitrage() {
    Quote cheap = quote(Option.Type.CALL, 100, 30, 3, 3.1);
    Quote dear = quote(Option.Type.CALL, 105, 30, 3.5, 3.6);
    assertThat(filter(snapshot(cheap, dear)).dropped()).containsEntry(Reason.VERTICAL, 2L);

    Quote put = quote(Option.Type.PUT, 100, 30, 4.5, 4.6);
    assertThat(filter(snapshot(cheap, put)).dropped()).containsEntry(Reason.PARITY, 2L);
    Quote fair = quote(Option.Type.PUT, 100, 30, 3, 3.1);
    assertThat(filter(snapshot(cheap, fair)).history().quotes()).isEqualTo(2);
  }

  @Test
  void leavesOutWhatDidNotMoveWithTheSpot() {
    Quote same = Quote.of(Option.Type.CALL, 100, LATER, 3, 3.1);
    Quote moved = Quote.of(Option.Type.CALL, 105, LATER, 1, 1.1);
    Quote then = Quote.of(Option.Type.CALL, 105, LATER, 2, 2.1);
    long day = NOW + MarketTime.SECONDS_A_DAY;
    Filtered filtered =
        filter(snapshot(same, moved), new Snapshot(day, 101.5, List.of(same, then)));

    assertThat(filtered.history().snapshots().get(1).quotes()).containsExactly(then);
    assertThat(filtered.dropped()).containsEntry(Reason.STALE, 1L);
  }

  @Test
  void dropsTimesOfWhichNothingIsLeft() {
    Filtered filtered = filter(snapshot(quote(Option.Type.CALL, 100, 30, 0, 1)));
    assertThat(filtered.history().snapshots()).isEmpty();
    assertThat(filtered.dropped().keySet()).containsExactly(Reason.values());
  }

  @Test
  void keepsAllOfASimulatedMarketButNearExpiries() {
    MarketData data = SimulatedMarket.usual(3).quotes(5, 5);
    Map<Reason, Long> dropped = FILTER.apply(data.history(), data.terms()).dropped();
    dropped.remove(Reason.TENOR);
    dropped.remove(Reason.NO_BID);
    dropped.remove(Reason.SPREAD);
    assertThat(dropped.values()).containsOnly(0L);
  }
}
