package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.InputException;
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

  private static final String FIT = "fit";
  private static final String PRICE = "price";
  private static final String TRAIN = "train";
  private static final String PRICE_LEARNED = "price learned";

  /** Times that a task fits. */
  private static final int ORIGINS_A_TASK = 8;

  /** About how many seconds of one core a calibration takes, and a sample of an epoch. */
  private static final double CALIBRATION = 0.05;

  private static final double SAMPLE = 15e-6;

  private final JobContext job;
  private final BacktestOptions options;
  private final LoadTask.Loaded loaded;
  private final Timetable timetable;
  private final MarketData market;
  private final Schedule schedule;

  private Backtest(JobContext job, BacktestOptions options, LoadTask.Loaded loaded)
      throws Exception {
    this.job = job;
    this.options = options;
    this.loaded = loaded;
    this.timetable = new Timetable(job);
    this.market = timetable.alone("market", () -> Markets.of(job, loaded.market()));
    this.schedule = new Schedule(market.history().snapshots().size(), options);
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
    timetable.add("load", "files", loaded.seconds());
    expect();
    List<Fit> fits = fit();
    try (Tally tally = new Tally(job, market.history(), options)) {
      List<PriceTask.Outcome> outcomes = price(PRICE, fits, List.of(), tally);
      List<Network> networks = train(PricedParts.of(outcomes));
      if (!networks.isEmpty()) {
        price(PRICE_LEARNED, fits, networks, tally);
      }
      requirePriced(tally.costs());
      job.progress().report("report", 0, 1);
      String sha256 = timetable.alone("files", tally::save);
      Scores scores = new Scores(tally.board(), options, tally.costs());
      new BacktestReport(options, market, loaded, fits, networks, tally, scores, timetable)
          .put(title, job.jobId())
          .save(job);
      timetable.save();
      return new Finished(result(fits, networks, tally.costs(), sha256, scores), fits);
    }
  }

  private void requirePriced(Costs costs) {
    if (costs.priced() == 0) {
      throw new InputException(
          "data: none of %d quotes at %d times could be priced (expected: expiries that are quoted at a time and again %s times later; filters dropped %s)"
              .formatted(loaded.quotes(), loaded.times(), options.horizons(), loaded.dropped()));
    }
  }

  private Result result(
      List<Fit> fits, List<Network> networks, Costs costs, String sha256, Scores scores) {
    return Result.of("rows", loaded.rows())
        .and("dropped", loaded.dropped())
        .and("times", loaded.times())
        .and("quotes", loaded.quotes())
        .and("priced", costs.priced())
        .and("unpriced", costs.unpriced())
        .and("secondsPerFit", fits.stream().mapToDouble(Fit::seconds).average().orElse(0))
        .and("networks", networks.stream().map(Network::row).toList())
        .and("pricesSha256", sha256)
        .and("report", Report.HTML)
        .and("scores", scores.rows())
        .and("dieboldMariano", scores.comparisons())
        .and("table", scores.text());
  }

  /** Guesses what is to come, to say when it will end. */
  private void expect() {
    boolean calibrated = Fitter.needsHeston(options);
    timetable.expect(FIT, calibrated ? CALIBRATION * schedule.origins().size() : 0);
    timetable.expect(PRICE, Grid.of(market.history(), options, false).seconds());
    long learned = options.models().stream().filter(Model::learned).count();
    if (learned > 0) {
      double samples = SAMPLE * options.trainSamples() * options.epochs();
      timetable.expect(TRAIN, samples * learned * schedule.trainings().size());
      timetable.expect(PRICE_LEARNED, Grid.of(market.history(), options, true).seconds());
    }
  }

  private List<Fit> fit() throws InterruptedException {
    List<Integer> origins = schedule.origins();
    List<FitTask> tasks = new ArrayList<>();
    for (int from = 0; from < origins.size(); from += ORIGINS_A_TASK) {
      int to = Math.min(origins.size(), from + ORIGINS_A_TASK);
      tasks.add(new FitTask(loaded.market(), options, new ArrayList<>(origins.subList(from, to))));
    }
    List<Fit> fits = new ArrayList<>();
    timetable.run(FIT, tasks, outcome -> fits.addAll(outcome.fits()));
    return fits;
  }

  private List<PriceTask.Outcome> price(
      String part, List<Fit> fits, List<Network> networks, Tally tally)
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
    return timetable.run(part, tasks, tally::add);
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
      for (int known : schedule.trainings()) {
        tasks.add(new TrainTask(loaded.market(), options, model, known, index));
      }
    }
    return timetable.run(TRAIN, tasks, network -> {});
  }
}
