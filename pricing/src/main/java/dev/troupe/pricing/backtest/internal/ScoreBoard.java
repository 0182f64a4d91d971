package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.backtest.BacktestOptions;
import dev.troupe.pricing.backtest.BacktestOptions.Model;
import dev.troupe.pricing.market.MarketHistory;
import dev.troupe.pricing.market.MarketTime;
import dev.troupe.pricing.market.Snapshot;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Adds up errors of priced quotes, in the order in which they come. */
final class ScoreBoard {

  static final String WALK = "walk-forward";
  static final String LAST = "last block";

  /** Before the first network: no evidence for or against the others. */
  static final String WARM_UP = "warm-up";

  /**
   * What is scored together.
   *
   * @param segment {@link #WARM_UP}, {@link #WALK}, {@link #LAST} or a period
   */
  record Key(Model model, String scenario, int horizon, String segment) {}

  private record BucketKey(Model model, int horizon, Bucket bucket) {}

  /** Of one model and horizon: losses by time. */
  private record LossKey(Model model, int horizon) {}

  /** Sums of a time. */
  static final class Losses {
    private final double[] price;
    private final double[] vol;
    private final long[] quotes;
    private final long[] vols;

    private Losses(int times) {
      price = new double[times];
      vol = new double[times];
      quotes = new long[times];
      vols = new long[times];
    }

    private void add(PricedQuote priced, double spot) {
      int t = priced.target();
      double relative = priced.error() / spot;
      price[t] += relative * relative;
      quotes[t]++;
      double volError = priced.vol() - priced.marketVol();
      if (!Double.isNaN(volError)) {
        vol[t] += volError * volError;
        vols[t]++;
      }
    }

    /** Mean squared error of prices over the spot at a time; NaN where nothing was priced. */
    double price(int time) {
      return price[time] / quotes[time];
    }

    /** Root of the mean squared error of implied volatilities at a time. */
    double volRmse(int time) {
      return Math.sqrt(vol[time] / vols[time]);
    }
  }

  private final MarketHistory history;
  private final Schedule schedule;
  private final boolean learned;
  private final List<String> periods;
  private final long[] periodBegins;
  private final Map<Key, Errors> errors = new LinkedHashMap<>();
  private final Map<BucketKey, Errors> buckets = new LinkedHashMap<>();
  private final Map<LossKey, Losses> losses = new LinkedHashMap<>();

  ScoreBoard(MarketHistory history, BacktestOptions options) {
    this.history = history;
    this.schedule = new Schedule(history.snapshots().size(), options);
    this.learned = options.models().stream().anyMatch(Model::learned);
    this.periodBegins =
        options.periods().stream().mapToLong(day -> MarketTime.parse(day + " 00:00")).toArray();
    this.periods = names(options.periods());
  }

  private static List<String> names(List<String> begins) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i <= begins.size() && !begins.isEmpty(); i++) {
      String from = i == 0 ? "" : "from " + begins.get(i - 1);
      String to = i == begins.size() ? "" : "to " + begins.get(i);
      names.add((from + " " + to).strip());
    }
    return names;
  }

  void add(PricedQuote priced) {
    Snapshot target = history.snapshots().get(priced.target());
    String segment = segment(priced);
    add(priced, segment);
    if (segment.equals(WARM_UP)) {
      return;
    }
    if (!periods.isEmpty()) {
      int at = Arrays.binarySearch(periodBegins, target.time());
      add(priced, periods.get(at >= 0 ? at + 1 : -at - 1));
    }
    if (priced.scenario().equals(Scenario.BASE.name())) {
      Bucket bucket = Bucket.of(priced.quote(), target.time(), target.spot());
      buckets
          .computeIfAbsent(
              new BucketKey(priced.model(), priced.horizon(), bucket), any -> new Errors())
          .add(priced);
      losses
          .computeIfAbsent(
              new LossKey(priced.model(), priced.horizon()),
              any -> new Losses(history.snapshots().size()))
          .add(priced, target.spot());
    }
  }

  private void add(PricedQuote priced, String segment) {
    Key key = new Key(priced.model(), priced.scenario(), priced.horizon(), segment);
    errors.computeIfAbsent(key, any -> new Errors()).add(priced);
  }

  /** The block that a quote is scored in. */
  String segment(PricedQuote priced) {
    if (learned && schedule.network(priced.origin()) < 0) {
      return WARM_UP;
    }
    return schedule.inLastBlock(priced.target()) ? LAST : WALK;
  }

  /** Blocks and periods, in order. */
  List<String> segments() {
    List<String> segments = new ArrayList<>(List.of(WARM_UP, WALK, LAST));
    segments.addAll(periods);
    return segments;
  }

  /** Null if nothing was priced. */
  Errors errors(Model model, String scenario, int horizon, String segment) {
    return errors.get(new Key(model, scenario, horizon, segment));
  }

  /** Of the base scenario, both blocks; null if nothing was priced. */
  Errors errors(Model model, int horizon, Bucket bucket) {
    return buckets.get(new BucketKey(model, horizon, bucket));
  }

  /** Of the base scenario, both blocks; null if nothing was priced. */
  Losses losses(Model model, int horizon) {
    return losses.get(new LossKey(model, horizon));
  }

  /** Compares squared errors of prices over the spot, at times that both models priced. */
  DieboldMariano compare(Model first, Model second, int horizon) {
    Losses a = losses(first, horizon);
    Losses b = losses(second, horizon);
    if (a == null || b == null) {
      return DieboldMariano.of(new double[0], horizon);
    }
    double[] differences = new double[history.snapshots().size()];
    int n = 0;
    for (int t = 0; t < differences.length; t++) {
      double difference = a.price(t) - b.price(t);
      if (!Double.isNaN(difference)) {
        differences[n++] = difference;
      }
    }
    return DieboldMariano.of(Arrays.copyOf(differences, n), horizon);
  }
}
