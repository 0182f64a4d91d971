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
    implements Task<List<Fit>> {

  @Override
  public List<Fit> run(TaskContext context) throws Exception {
    Fitter fitter = new Fitter(Markets.of(context, market), options);
    List<Fit> fits = new ArrayList<>();
    for (int origin : origins) {
      fits.add(fitter.fit(origin));
    }
    return fits;
  }
}
