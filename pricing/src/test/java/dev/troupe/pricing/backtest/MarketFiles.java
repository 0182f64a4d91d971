package dev.troupe.pricing.backtest;

import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.market.RateHistory;
import dev.troupe.pricing.market.SimulatedMarket;
import dev.troupe.pricing.market.Snapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A simulated market as files. */
final class MarketFiles {

  private MarketFiles() {}

  static void write(int days, int before, Path quotes, Path rates) throws IOException {
    MarketData market = SimulatedMarket.usual(11).quotes(days, before);
    List<String> lines = new ArrayList<>(List.of("time,spot,expiry,strike,type,bid,ask"));
    for (Snapshot snapshot : market.history().snapshots()) {
      for (Quote q : snapshot.quotes()) {
        lines.add(
            String.join(
                ",",
                MarketTime.text(snapshot.time()),
                Double.toString(snapshot.spot()),
                MarketTime.text(q.expires()),
                Double.toString(q.strike()),
                q.type().name().toLowerCase(Locale.ROOT),
                Double.toString(q.bid()),
                Double.toString(q.ask())));
      }
    }
    Files.write(quotes, lines);
    RateHistory history = market.terms().rates();
    List<String> yields = new ArrayList<>(List.of("date,3MONTH,6MONTH,1YEAR,2YEAR,5YEAR"));
    for (int day = 0; day < history.times().length; day++) {
      StringBuilder line = new StringBuilder(MarketTime.text(history.times()[day]));
      for (double yield : history.yields(day)) {
        line.append(',').append(100 * yield);
      }
      yields.add(line.toString());
    }
    Files.write(rates, yields);
  }
}
