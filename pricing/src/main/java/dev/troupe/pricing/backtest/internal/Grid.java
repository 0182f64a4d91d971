package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.market.Quote;
import dev.troupe.pricing.model.Option.Exercise;
import java.util.ArrayList;
import java.util.List;

/**
 * All that is to be priced, cell by cell (a chain of one expiry, for networks all expiries, at one
 * time, by one model in one scenario), in an order that depends on the market and the options
 * alone, and so do the tasks that it is cut into.
 */
final class Grid {

  /**
   * One chain to price.
   *
   * @param origin time of the fit
   * @param horizon times from there to the time that is priced
   * @param from first of its quotes there
   * @param to behind the last
   */
  record Cell(int origin, int horizon, Model model, Scenario scenario, int from, int to) {

    int target() {
      return origin + horizon;
    }

    int quotes() {
      return to - from;
    }
  }

  /** Cells from one on to before another. */
  record Range(int from, int to) {}

  /** A task should take about this long, in microseconds, but there should be enough of them. */
  private static final double TASK = 1e6;

  private static final int LEAST_TASKS = 16;
  private static final int MOST_TASKS = 4096;

  private final List<Cell> cells;
  private final Exercise exercise;

  private Grid(List<Cell> cells, Exercise exercise) {
    this.cells = cells;
    this.exercise = exercise;
  }

  /** The cells of all models that are learned, or of all that are not: training comes between. */
  static Grid of(MarketHistory history, BacktestOptions options, boolean learned) {
    Schedule schedule = new Schedule(history.snapshots().size(), options);
    List<Scenario> scenarios = options.scenarios().stream().map(Scenario::parse).toList();
    List<Cell> cells = new ArrayList<>();
    List<Model> models = options.models().stream().filter(m -> m.learned() == learned).toList();
    for (int origin : schedule.origins()) {
      if (learned && schedule.network(origin) < 0) {
        continue;
      }
      for (int horizon : options.horizons()) {
        if (schedule.prices(origin, horizon)) {
          List<Quote> quotes = history.snapshots().get(origin + horizon).quotes();
          List<Range> chains = learned ? List.of(new Range(0, quotes.size())) : chains(quotes);
          for (Range chain : chains) {
            cells.addAll(cells(origin, horizon, models, scenarios, chain));
          }
        }
      }
    }
    return new Grid(cells, options.exercise());
  }

  private static List<Cell> cells(
      int origin, int horizon, List<Model> models, List<Scenario> scenarios, Range chain) {
    List<Cell> cells = new ArrayList<>();
    for (Model model : models) {
      for (Scenario scenario : scenarios) {
        if (scenario.concerns(model)) {
          cells.add(new Cell(origin, horizon, model, scenario, chain.from(), chain.to()));
        }
      }
    }
    return cells;
  }

  /** Stretches of quotes of one expiry. */
  private static List<Range> chains(List<Quote> quotes) {
    List<Range> chains = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= quotes.size(); i++) {
      if (i == quotes.size() || quotes.get(i).expires() != quotes.get(from).expires()) {
        chains.add(new Range(from, i));
        from = i;
      }
    }
    return chains;
  }

  List<Cell> cells() {
    return cells;
  }

  /** About how many seconds all cells take on one core. */
  double seconds() {
    return 1e-6 * cells.stream().mapToDouble(this::cost).sum();
  }

  /** Cuts the cells into stretches of about even cost. */
  List<Range> tasks() {
    double total = cells.stream().mapToDouble(this::cost).sum();
    int count = (int) Math.min(MOST_TASKS, Math.max(LEAST_TASKS, Math.ceil(total / TASK)));
    List<Range> tasks = new ArrayList<>();
    double done = 0;
    int from = 0;
    for (int i = 0; i < cells.size(); i++) {
      done += cost(cells.get(i));
      boolean full = done >= total * (tasks.size() + 1) / count;
      if (full || i == cells.size() - 1) {
        tasks.add(new Range(from, i + 1));
        from = i + 1;
      }
    }
    return tasks;
  }

  /** About how many microseconds a cell takes, as measured on one core. */
  private double cost(Cell cell) {
    double sweep = exercise == Exercise.EUROPEAN ? 2000 : 60_000;
    return switch (cell.model()) {
      case BLACK_SCHOLES, BLACK_SCHOLES_REALISED -> 3 * cell.quotes();
      case HESTON -> 40 * cell.quotes();
      case HESTON_VASICEK -> sweep + 5 * cell.quotes();
      case LSTM -> 10_000 + 30 * cell.quotes();
      case HYBRID -> 10_000 + 5 * sweep + 35 * cell.quotes();
    };
  }
}
