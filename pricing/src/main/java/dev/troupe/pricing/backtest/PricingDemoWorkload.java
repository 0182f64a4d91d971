package dev.troupe.pricing.backtest;

import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.core.Result;
import dev.troupe.core.Workload;
import dev.troupe.core.options.OptionsBinder;
import dev.troupe.pricing.backtest.internal.Backtest;
import dev.troupe.pricing.backtest.internal.LoadTask;
import dev.troupe.pricing.backtest.internal.Recovered;
import dev.troupe.pricing.backtest.internal.SimulateTask;
import dev.troupe.pricing.market.SimulatedMarket;

/**
 * The demonstration: a market is simulated whose spot, variance and rate move as Heston and Vasicek
 * say, and all models are back-tested on it. The one that the market is made of should find its
 * parameters and err least.
 */
public final class PricingDemoWorkload implements Workload<PricingDemoOptions> {

  @Override
  public String name() {
    return "demo-pricing";
  }

  @Override
  public String summary() {
    return "simulates a market of options and back-tests pricing models on it";
  }

  @Override
  public Class<PricingDemoOptions> optionsType() {
    return PricingDemoOptions.class;
  }

  @Override
  public Result run(JobContext job, PricingDemoOptions options) throws Exception {
    job.progress().report("simulate", 0, 1);
    BacktestOptions backtest = backtest();
    LoadTask.Loaded loaded =
        job.submit("simulate", new SimulateTask(backtest, options.seed(), options.days())).get();
    Backtest.Finished finished =
        Backtest.run(job, backtest, loaded, "Demonstration: pricing models on a simulated market");
    return finished
        .result()
        .and(
            "recovered",
            Recovered.of(SimulatedMarket.usual(options.seed()).truth(), finished.fits()));
  }

  private static BacktestOptions backtest() {
    return OptionsBinder.bind(
        Json.readTree(
            """
            {"data": "simulated", "dividend": 0.01,
             "models": "black-scholes,black-scholes-realised,heston,heston-vasicek,lstm,hybrid",
             "trainTimes": 40, "retrain": 20, "trainSamples": 4000}
            """),
        BacktestOptions.class);
  }
}
