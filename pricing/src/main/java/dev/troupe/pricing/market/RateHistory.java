package dev.troupe.pricing.market;

import dev.troupe.core.InputException;
import dev.troupe.pricing.calibration.ZeroCurve;
import dev.troupe.pricing.model.DiscountCurve;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Interest rates through time: par yields of several maturities a day, or one rate for ever. What
 * is asked for a time comes from days that had closed by then.
 */
public final class RateHistory {

  /** The maturity whose yield stands for the short rate, if a history has it: three months. */
  private static final double SHORT = 0.25;

  private final long[] times;
  private final double[] maturities;
  private final double[][] yields;
  private final double flat;
  private final AtomicReferenceArray<DiscountCurve> curves;

  private RateHistory(long[] times, double[] maturities, double[][] yields, double flat) {
    this.times = times;
    this.maturities = maturities;
    this.yields = yields;
    this.flat = flat;
    this.curves = new AtomicReferenceArray<>(times.length);
  }

  /** One rate at all times for all maturities, continuously compounded. */
  public static RateHistory flat(double rate) {
    return new RateHistory(new long[0], new double[0], new double[0][], rate);
  }

  /**
   * Par yields.
   *
   * @param times of the days' closes, ascending
   * @param maturities years, ascending; beyond half a year whole half years
   * @param yields [day][maturity], 0.05 for 5 %, NaN where missing; each day has one at least
   */
  public static RateHistory of(long[] times, double[] maturities, double[][] yields) {
    return new RateHistory(times.clone(), maturities.clone(), yields.clone(), 0);
  }

  /** Whether rates move, so that a model of them can be fitted. */
  public boolean moves() {
    return times.length > 0;
  }

  /** The days' closes; none where one rate holds for ever. */
  public long[] times() {
    return times.clone();
  }

  /** The maturities of the yields, years. */
  public double[] maturities() {
    return maturities.clone();
  }

  /** The yields of a day. */
  public double[] yields(int day) {
    return yields[day].clone();
  }

  /** The one rate, where rates do not move. */
  public double flat() {
    return flat;
  }

  /**
   * The curve of the newest day that had closed by this time.
   *
   * @throws InputException if there is no such day
   */
  public DiscountCurve at(long time) {
    if (!moves()) {
      return new Flat(flat);
    }
    int day = day(time);
    DiscountCurve known = curves.get(day);
    if (known == null) {
      known = bootstrap(day);
      curves.set(day, known);
    }
    return known;
  }

  private DiscountCurve bootstrap(int day) {
    int[] present = present(yields[day]);
    try {
      return ZeroCurve.fromParYields(
          Arrays.stream(present).mapToDouble(i -> maturities[i]).toArray(),
          Arrays.stream(present).mapToDouble(i -> yields[day][i]).toArray());
    } catch (IllegalArgumentException e) {
      throw new InputException(
          "rates of " + MarketTime.text(times[day]) + ": " + e.getMessage(), e);
    }
  }

  private static int[] present(double[] yields) {
    List<Integer> present = new ArrayList<>();
    for (int i = 0; i < yields.length; i++) {
      if (!Double.isNaN(yields[i])) {
        present.add(i);
      }
    }
    return present.stream().mapToInt(Integer::intValue).toArray();
  }

  private int day(long time) {
    int at = Arrays.binarySearch(times, time);
    int day = at >= 0 ? at : -at - 2;
    if (day < 0) {
      throw new InputException(
          "rates: none before %s (expected: rates from then on; the first day is %s)"
              .formatted(MarketTime.text(time), MarketTime.text(times[0])));
    }
    return day;
  }

  /**
   * Short rates of the days up to a time, oldest first: three months' yields (the shortest maturity
   * where there are none), continuously compounded.
   */
  public Series shortRates(long time, int days) {
    int column = Math.max(0, Arrays.binarySearch(maturities, SHORT));
    List<Integer> window = new ArrayList<>();
    for (int day = day(time); day >= 0 && window.size() < days; day--) {
      if (!Double.isNaN(yields[day][column])) {
        window.add(0, day);
      }
    }
    double term = maturities[column];
    return new Series(
        window.stream().mapToLong(d -> times[d]).toArray(),
        window.stream().mapToDouble(d -> Math.log1p(yields[d][column] * term) / term).toArray());
  }

  /** Values through time. */
  public static final class Series {
    private final long[] times;
    private final double[] values;

    private Series(long[] times, double[] values) {
      this.times = times;
      this.values = values;
    }

    public long[] times() {
      return times.clone();
    }

    public double[] values() {
      return values.clone();
    }

    /** Years since the first time. */
    public double[] years() {
      return Arrays.stream(times).mapToDouble(t -> MarketTime.years(times[0], t)).toArray();
    }
  }

  private record Flat(double rate) implements DiscountCurve {
    @Override
    public double discount(double t) {
      return Math.exp(-rate * t);
    }

    @Override
    public double forwardRate(double t) {
      return rate;
    }
  }
}
