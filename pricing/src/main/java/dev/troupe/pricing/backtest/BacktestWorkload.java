package dev.troupe.pricing.backtest;

import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.Violation;
import dev.troupe.pricing.backtest.internal.Backtest;
import dev.troupe.pricing.backtest.internal.BacktestCheck;
import dev.troupe.pricing.backtest.internal.LoadTask;
import java.util.List;

/**
 * Prices a history of options with several models, each fitted at one time and asked for later ones
 * (arXiv 2504.03175): {@code troupe run backtest --set data=quotes.csv}.
 *
 * <p>At a time {@code t} models are fitted to what was known then: surface, past spots, curve.
 * Times {@code t + 1} and {@code t + 5} are priced from there, given only their spot (G. Bakshi, C.
 * Cao and Z. Chen, "Empirical performance of alternative option pricing models", 1997). The driver
 * has these parts: a task that reads and filters the files; a fan-out that fits; a fan-out over the
 * grid of times, expiries, models and scenarios, cut into tasks of even cost; for models that are
 * learned a fan-out that trains networks on what was priced of the past, and one that prices with
 * them; and scoring, in the grid's order, so that the result's bits do not depend on the workers.
 */
public final class BacktestWorkload implements Workload<BacktestOptions> {

  @Override
  public String name() {
    return "backtest";
  }

  @Override
  public String summary() {
    return "prices a history of options with several models, walking forward, and compares them";
  }

  @Override
  public Class<BacktestOptions> optionsType() {
    return BacktestOptions.class;
  }

  @Override
  public List<Violation> check(BacktestOptions options) {
    return BacktestCheck.check(options);
  }

  @Override
  public Result run(JobContext job, BacktestOptions options) throws Exception {
    job.progress().report("load", 0, 1);
    LoadTask.Loaded loaded = job.submit("load", new LoadTask(options)).get();
    String title = "Back-test of " + String.join(", ", options.data());
    return Backtest.run(job, options, loaded, title).result();
  }
}
