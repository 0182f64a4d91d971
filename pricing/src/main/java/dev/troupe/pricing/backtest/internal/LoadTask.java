package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.InputException;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.market.MarketData;
import dev.troupe.pricing.market.MarketReader;
import dev.troupe.pricing.market.QuoteFilter;
import dev.troupe.pricing.market.RateHistory;
import dev.troupe.pricing.market.RateReader;
import dev.troupe.pricing.market.Terms;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads and filters the files: once, so that all tasks see the same market. */
public record LoadTask(BacktestOptions options) implements Task<LoadTask.Loaded> {

  /**
   * A market in the store.
   *
   * @param rows that were read
   * @param dropped of them by a filter, by its name
   * @param times that are left
   * @param quotes that are left
   * @param seconds that the task took
   */
  public record Loaded(
      BlobRef market,
      long rows,
      Map<String, Long> dropped,
      int times,
      long quotes,
      double seconds) {}

  @Override
  public Loaded run(TaskContext context) {
    long start = System.nanoTime();
    Terms terms = terms(options);
    List<Path> files = options.data().stream().map(Path::of).toList();
    MarketReader.Read read =
        new MarketReader(terms, options.columns(), options.every()).read(files);
    QuoteFilter.Filtered filtered = filter(options).apply(read.history(), terms);
    MarketData market = new MarketData(filtered.history(), terms);
    return store(context, market, read.rows(), names(filtered, read), start);
  }

  static Loaded store(
      TaskContext context, MarketData market, long rows, Map<String, Long> dropped, long start) {
    BlobRef blob = context.store().put(ByteBuffer.wrap(market.bytes()));
    return new Loaded(
        blob,
        rows,
        dropped,
        market.history().snapshots().size(),
        market.history().quotes(),
        (System.nanoTime() - start) * 1e-9);
  }

  static Terms terms(BacktestOptions options) {
    RateHistory rates =
        options
            .rates()
            .map(file -> RateReader.read(Path.of(file)))
            .orElse(RateHistory.flat(options.rate()));
    return new Terms(rates, options.dividend());
  }

  static QuoteFilter filter(BacktestOptions options) {
    return new QuoteFilter(
        options.minDays(),
        options.maxDays(),
        options.minMoneyness(),
        options.maxMoneyness(),
        options.maxSpread(),
        options.parityTolerance(),
        options.exercise());
  }

  /** What was left out of a history that was read, by reason. */
  static Map<String, Long> names(QuoteFilter.Filtered filtered, MarketReader.Read read) {
    Map<String, Long> names = new LinkedHashMap<>();
    if (read.withoutSpot() > 0) {
      names.put("no spot", read.withoutSpot());
    }
    names.putAll(names(filtered));
    return names;
  }

  static Map<String, Long> names(QuoteFilter.Filtered filtered) {
    Map<String, Long> names = new LinkedHashMap<>();
    filtered
        .dropped()
        .forEach(
            (reason, count) ->
                names.put(reason.name().toLowerCase(Locale.ROOT).replace('_', ' '), count));
    return names;
  }

  /**
   * Refuses a market that no walk can be made of.
   *
   * @throws InputException with the counts of the filters
   */
  static void requireTimes(int times, Map<String, Long> dropped, BacktestOptions options) {
    int least = Schedule.leastTimes(options);
    if (times < least) {
      throw new InputException(
          "data: %d times with quotes (expected: at least %d, for a window of %d and a horizon of %d; filters dropped %s)"
              .formatted(times, least, options.window(), least - options.window() - 1, dropped));
    }
    boolean learned = options.models().stream().anyMatch(BacktestOptions.Model::learned);
    if (learned && new Schedule(times, options).trainings().isEmpty()) {
      throw new InputException(
          "trainTimes: %d (expected: fewer, since %d times with quotes are left, of which the last block takes a part of %s)"
              .formatted(options.trainTimes(), times, options.holdout()));
    }
  }
}
