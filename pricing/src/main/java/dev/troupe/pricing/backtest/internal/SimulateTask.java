package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.QuoteFilter;
import dev.troupe.pricing.market.SimulatedMarket;

/** Makes a market in place of reading one. */
public record SimulateTask(BacktestOptions options, long seed, int days)
    implements Task<LoadTask.Loaded> {

  @Override
  public LoadTask.Loaded run(TaskContext context) {
    long start = System.nanoTime();
    MarketData market = SimulatedMarket.usual(seed).quotes(days, options.rateWindow());
    QuoteFilter.Filtered filtered =
        LoadTask.filter(options).apply(market.history(), market.terms());
    return LoadTask.store(
        context,
        new MarketData(filtered.history(), market.terms()),
        market.history().quotes(),
        LoadTask.names(filtered),
        start);
  }
}
