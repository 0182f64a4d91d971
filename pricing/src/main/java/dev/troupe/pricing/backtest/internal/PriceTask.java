package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.backtest.internal.Grid.Cell;
import dev.troupe.pricing.market.MarketData;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Prices a stretch of the grid.
 *
 * @param fits at the stretch's origins
 * @param networks those that the stretch needs; empty if it is of models that are not learned
 * @param cells which of the grid
 */
record PriceTask(
    BlobRef market,
    BacktestOptions options,
    List<Fit> fits,
    List<Network> networks,
    Grid.Range cells)
    implements Task<PriceTask.Outcome> {

  /**
   * What came out.
   *
   * @param rows {@link PricedQuote}s in the store
   * @param count how many
   * @param unpriced quotes whose model could not be fitted
   * @param modelSeconds of pricing, by model
   * @param counts of quotes that took them
   * @param seconds of all of the task
   */
  record Outcome(
      BlobRef rows,
      long count,
      long unpriced,
      Map<Model, Double> modelSeconds,
      Map<Model, Long> counts,
      double seconds)
      implements Timed {}

  @Override
  public Outcome run(TaskContext context) throws Exception {
    long start = System.nanoTime();
    Map<Integer, Fit> byOrigin =
        fits.stream().collect(Collectors.toMap(Fit::origin, Function.identity()));
    MarketData data = Markets.of(context, market);
    CellPricer pricer =
        new CellPricer(data, options, byOrigin, Networks.load(context, networks, data, options));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    long count = 0;
    Grid grid = Grid.of(data.history(), options, !networks.isEmpty());
    for (Cell cell : grid.cells().subList(cells.from(), cells.to())) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      for (PricedQuote priced : pricer.price(cell)) {
        priced.write(out);
        count++;
      }
    }
    BlobRef rows = context.store().put(ByteBuffer.wrap(bytes.toByteArray()));
    return new Outcome(
        rows,
        count,
        pricer.unpriced(),
        pricer.seconds(),
        pricer.counts(),
        (System.nanoTime() - start) * 1e-9);
  }
}
