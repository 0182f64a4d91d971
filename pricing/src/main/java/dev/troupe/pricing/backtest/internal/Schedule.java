package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The walk through time: at which times models are fitted, and which times are priced from there.
 * From a time before the last block nothing in the block is priced, so that neither block's scores
 * depend on the other's quotes.
 */
final class Schedule {

  private final int times;
  private final BacktestOptions options;
  private final int cut;

  /**
   * @param times of the history
   */
  Schedule(int times, BacktestOptions options) {
    this.times = times;
    this.options = options;
    this.cut = times - (int) Math.round(options.holdout() * times);
  }

  /** The fewest times that a walk can be made of. */
  static int leastTimes(BacktestOptions options) {
    return options.window() + 1 + Collections.max(options.horizons());
  }

  /** Times that models are fitted at, in order. */
  List<Integer> origins() {
    List<Integer> origins = new ArrayList<>();
    int nearest = Collections.min(options.horizons());
    for (int o = options.window(); o + nearest < times; o += options.stride()) {
      origins.add(o);
    }
    return origins;
  }

  /**
   * The last times that networks know, in order. The first network knows {@code trainTimes} of
   * times that a model could be fitted at; none knows the last block.
   */
  List<Integer> trainings() {
    List<Integer> trainings = new ArrayList<>();
    for (int t = firstSequence() + options.trainTimes() - 1; t < cut; t += options.retrain()) {
      trainings.add(t);
    }
    return trainings;
  }

  /** The first time with a whole sequence behind it. */
  int firstSequence() {
    return options.window() + options.sequence() - 1;
  }

  /** The newest network that knows nothing after a time: its position, -1 if there is none. */
  int network(int origin) {
    int network = -1;
    for (int known : trainings()) {
      network += known <= origin ? 1 : 0;
    }
    return network;
  }

  /** Whether the time so far ahead is priced from this one. */
  boolean prices(int origin, int horizon) {
    int target = origin + horizon;
    return target < times && (origin >= cut || target < cut);
  }

  /** Whether a time belongs to the last block. */
  boolean inLastBlock(int time) {
    return time >= cut;
  }
}
