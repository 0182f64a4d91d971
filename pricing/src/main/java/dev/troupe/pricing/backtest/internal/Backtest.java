package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.JobContext;
import dev.troupe.core.Result;
import dev.troupe.core.report.Report;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.backtest.internal.Grid.Cell;
import dev.troupe.pricing.backtest.internal.Grid.Range;
import dev.troupe.pricing.market.MarketData;
import java.util.ArrayList;
import java.util.List;

/** Runs a back-test over a market that is in the store: fits, prices, scores, reports. */
public final class Backtest {

  /** Times that a task fits. */
  private static final int ORIGINS_A_TASK = 8;

  private final JobContext job;
  private final BacktestOptions options;
  private final LoadTask.Loaded loaded;
  private final MarketData market;

  private Backtest(JobContext job, BacktestOptions options, LoadTask.Loaded loaded)
      throws Exception {
    this.job = job;
    this.options = options;
    this.loaded = loaded;
    this.market = Markets.of(job, loaded.market());
  }

  /** A result, and what the models were fitted to. */
  public record Finished(Result result, List<Fit> fits) {}

  /** Runs it; the report and every priced quote become artifacts. */
  public static Finished run(
      JobContext job, BacktestOptions options, LoadTask.Loaded loaded, String title)
      throws Exception {
    LoadTask.requireTimes(loaded.times(), loaded.dropped(), options);
    return new Backtest(job, options, loaded).run(title);
  }

  private Finished run(String title) throws Exception {
    List<Fit> fits = fit();
    Costs costs = new Costs(fits);
    List<PriceTask.Outcome> outcomes = new ArrayList<>(price("price", fits, List.of()));
    List<Network> networks = train(PricedParts.of(outcomes));
    if (!networks.isEmpty()) {
      outcomes.addAll(price("price learned", fits, networks));
    }
    ScoreBoard board = new ScoreBoard(market.history(), options);
    Samples samples = new Samples(market.history());
    String sha256;
    try (QuoteFiles files = new QuoteFiles(market.history())) {
      int done = 0;
      for (PriceTask.Outcome outcome : outcomes) {
        costs.add(outcome);
        PricedParts.Part part = new PricedParts.Part(outcome.rows(), outcome.count());
        PricedParts.read(
            job,
            part,
            priced -> {
              board.add(priced);
              samples.add(priced);
              files.add(priced, board.segment(priced));
            });
        job.progress().report("score", ++done, outcomes.size());
      }
      sha256 = files.save(job);
    }
    Scores scores = new Scores(board, options, costs);
    new BacktestReport(options, market, loaded, fits, networks, board, scores, samples)
        .put(title, job.jobId())
        .save(job);
    Result result =
        Result.of("rows", loaded.rows())
            .and("dropped", loaded.dropped())
            .and("times", loaded.times())
            .and("quotes", loaded.quotes())
            .and("priced", costs.priced())
            .and("unpriced", costs.unpriced())
            .and("secondsPerFit", costs.secondsPerFit())
            .and("networks", networks.stream().map(Network::row).toList())
            .and("pricesSha256", sha256)
            .and("report", Report.HTML)
            .and("scores", scores.rows())
            .and("dieboldMariano", scores.comparisons())
            .and("table", scores.text());
    return new Finished(result, fits);
  }

  private List<Fit> fit() throws InterruptedException {
    List<Integer> origins = new Schedule(market.history().snapshots().size(), options).origins();
    List<FitTask> tasks = new ArrayList<>();
    for (int from = 0; from < origins.size(); from += ORIGINS_A_TASK) {
      int to = Math.min(origins.size(), from + ORIGINS_A_TASK);
      tasks.add(new FitTask(loaded.market(), options, new ArrayList<>(origins.subList(from, to))));
    }
    return Phase.run(job, "fit", tasks).stream().flatMap(List::stream).toList();
  }

  private List<PriceTask.Outcome> price(String phase, List<Fit> fits, List<Network> networks)
      throws InterruptedException {
    Grid grid = Grid.of(market.history(), options, !networks.isEmpty());
    List<PriceTask> tasks = new ArrayList<>();
    for (Range range : grid.tasks()) {
      List<Cell> cells = grid.cells().subList(range.from(), range.to());
      int first = cells.get(0).origin();
      int last = cells.get(cells.size() - 1).origin();
      List<Fit> needed =
          fits.stream().filter(f -> f.origin() >= first && f.origin() <= last).toList();
      tasks.add(
          new PriceTask(
              loaded.market(), options, needed, Networks.needed(networks, first, last), range));
    }
    return Phase.run(job, phase, tasks);
  }

  /** Trains all networks at once: each knows the past alone, and no other network. */
  private List<Network> train(PricedParts priced) throws InterruptedException {
    List<Model> learned = options.models().stream().filter(Model::learned).toList();
    if (learned.isEmpty()) {
      return List.of();
    }
    BlobRef index = priced.put(job);
    List<TrainTask> tasks = new ArrayList<>();
    for (Model model : learned) {
      for (int known : new Schedule(market.history().snapshots().size(), options).trainings()) {
        tasks.add(new TrainTask(loaded.market(), options, model, known, index));
      }
    }
    return Phase.run(job, "train", tasks);
  }
}
