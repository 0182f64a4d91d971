package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.CashDividend;
import java.util.ArrayList;
import java.util.List;

/**
 * Times to expiry of a sweep, from 0, with every dividend on one of them. The steps of an American
 * sweep grow a little from expiry on, {@code (n/N)^1.25}: near expiry the exercise boundary moves
 * like a root of the time, and equal steps lag behind it; with the square the last steps become so
 * long that they cost more than the first ones save. On American puts under Heston-Vasicek errors
 * of the two have opposite signs, and 1.25 lies where they are a third to a tenth of either.
 */
final class TimeGrid {
  private static final int LEAST_STEPS = 3;
  private static final double GRADING = 1.25;

  private TimeGrid() {}

  /** Ascending times, {@code steps} intervals or a few more. */
  static double[] of(Problem problem, int steps) {
    List<Double> stops = new ArrayList<>();
    List<CashDividend> dividends = problem.dividends();
    for (int d = dividends.size() - 1; d >= 0; d--) {
      double stop = problem.expiry() - dividends.get(d).time();
      if (stops.isEmpty() || stop > stops.get(stops.size() - 1)) {
        stops.add(stop);
      }
    }
    stops.add(problem.expiry());
    List<Double> times = new ArrayList<>();
    times.add(0.0);
    double from = 0;
    for (double to : stops) {
      int share = Math.max(LEAST_STEPS, (int) Math.round(steps * (to - from) / problem.expiry()));
      boolean graded = from == 0 && problem.american();
      for (int n = 1; n <= share; n++) {
        double part = (double) n / share;
        times.add(n == share ? to : from + (to - from) * (graded ? Math.pow(part, GRADING) : part));
      }
      from = to;
    }
    return times.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
