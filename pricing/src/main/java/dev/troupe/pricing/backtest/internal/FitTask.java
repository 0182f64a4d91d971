package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.pricing.backtest.BacktestOptions;
import java.util.ArrayList;
import java.util.List;

/**
 * Fits the models at some of the times.
 *
 * @param origins positions of those times
 */
record FitTask(BlobRef market, BacktestOptions options, List<Integer> origins)
    implements Task<FitTask.Outcome> {

  /** The fits, in order. */
  record Outcome(List<Fit> fits, double seconds) implements Timed {}

  @Override
  public Outcome run(TaskContext context) throws Exception {
    long start = System.nanoTime();
    Fitter fitter = new Fitter(Markets.of(context, market), options);
    List<Fit> fits = new ArrayList<>();
    for (int origin : origins) {
      fits.add(fitter.fit(origin));
    }
    return new Outcome(fits, (System.nanoTime() - start) * 1e-9);
  }
}
