package dev.troupe.pricing.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class SimulatedMarketTest {

  @Test
  void isTheSameForTheSameSeed() {
    byte[] market = SimulatedMarket.usual(7).quotes(6, 10).bytes();
    assertThat(SimulatedMarket.usual(7).quotes(6, 10).bytes()).isEqualTo(market);
    assertThat(SimulatedMarket.usual(8).quotes(6, 10).bytes()).isNotEqualTo(market);
  }

  @Test
  void comesBackFromItsBytes() {
    MarketData data = SimulatedMarket.usual(7).quotes(4, 10);
    MarketData back = MarketData.read(ByteBuffer.wrap(data.bytes()));
    assertThat(back.history()).isEqualTo(data.history());
    assertThat(back.bytes()).isEqualTo(data.bytes());
    assertThat(back.terms().rates().times()).hasSize(14);
  }

  @Test
  void keepsContractsFromDayToDay() {
    MarketHistory history = SimulatedMarket.usual(7).quotes(10, 0).history();
    Snapshot first = history.snapshots().get(0);
    Snapshot second = history.snapshots().get(1);
    long kept = first.quotes().stream().filter(q -> second.find(q).isPresent()).count();
    assertThat(kept).isGreaterThan(first.quotes().size() / 2);
  }

  @Test
  void movesItsRates() {
    RateHistory rates = SimulatedMarket.usual(7).quotes(2, 40).terms().rates();
    assertThat(rates.moves()).isTrue();
    assertThat(rates.shortRates(MarketTime.parse("2024-02-20"), 20).values())
        .doesNotHaveDuplicates();
  }
}
