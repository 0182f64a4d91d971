package dev.troupe.pricing.calibration;

import dev.troupe.pricing.analytic.VasicekBond;
import dev.troupe.pricing.model.Vasicek;

/**
 * Fits Vasicek's short rate to a past window by exact maximum likelihood. Over a gap of {@code h}
 * years the rate moves to a normal variate of mean {@code b + (r - b) exp(-a h)} and variance
 * {@code s^2 (1 - exp(-2 a h)) / 2a}. For a given speed the best {@code b} and {@code s} are a
 * weighted regression, so the search is over the speed alone; gaps need not be equal (week-ends,
 * holidays).
 */
public final class VasicekCalibration {

  /** Faster than this forgets a day's rate; slower than the lowest cannot be told from none. */
  private static final double LOWEST_SPEED = 1e-3;

  private static final double HIGHEST_SPEED = 500;
  private static final int SCAN = 60;
  private static final int SECTIONS = 60;
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

  private final double[] times;
  private final double[] rates;

  private VasicekCalibration(double[] times, double[] rates) {
    this.times = times;
    this.rates = rates;
  }

  /**
   * Fits the history.
   *
   * @param times years, increasing
   * @param rates at those times, continuously compounded
   * @throws IllegalArgumentException if lengths differ, there are fewer than 4 observations, times
   *     do not increase, a rate is not finite, or the rate never moves
   */
  public static VasicekFit fit(double[] times, double[] rates) {
    check(times, rates);
    return new VasicekCalibration(times.clone(), rates.clone()).best();
  }

  private static void check(double[] times, double[] rates) {
    if (times.length != rates.length) {
      throw new IllegalArgumentException(
          "times: %d (expected: as many as rates, %d)".formatted(times.length, rates.length));
    }
    if (times.length < 4) {
      throw new IllegalArgumentException(
          "times: " + times.length + " (expected: at least 4 observations)");
    }
    boolean moves = false;
    for (int i = 0; i < times.length; i++) {
      if (!Double.isFinite(rates[i])) {
        throw new IllegalArgumentException(
            "rates[%d]: %s (expected: a finite number)".formatted(i, rates[i]));
      }
      if (i > 0 && !(times[i] > times[i - 1])) {
        throw new IllegalArgumentException(
            "times[%d]: %s (expected: > times[%d], %s)"
                .formatted(i, times[i], i - 1, times[i - 1]));
      }
      moves |= rates[i] != rates[0];
    }
    if (!moves) {
      throw new IllegalArgumentException(
          "rates: all " + rates[0] + " (expected: a rate that moves)");
    }
  }

  /** A scan over the log of the speed, then golden sections around its best. */
  private VasicekFit best() {
    double low = Math.log(LOWEST_SPEED);
    double step = (Math.log(HIGHEST_SPEED) - low) / SCAN;
    int best = 0;
    for (int i = 1; i <= SCAN; i++) {
      if (likelihood(low + i * step) > likelihood(low + best * step)) {
        best = i;
      }
    }
    double a = low + Math.max(best - 1, 0) * step;
    double b = low + Math.min(best + 1, SCAN) * step;
    for (int i = 0; i < SECTIONS; i++) {
      double left = b - GOLDEN * (b - a);
      double right = a + GOLDEN * (b - a);
      if (likelihood(left) >= likelihood(right)) {
        b = right;
      } else {
        a = left;
      }
    }
    return given(Math.exp((a + b) / 2));
  }

  private double likelihood(double logSpeed) {
    return given(Math.exp(logSpeed)).logLikelihood();
  }

  /** The best fit at this speed. */
  private VasicekFit given(double speed) {
    int n = rates.length - 1;
    double up = 0;
    double down = 0;
    for (int i = 0; i < n; i++) {
      double gap = times[i + 1] - times[i];
      double pull = -Math.expm1(-speed * gap);
      double variance = VasicekBond.duration(2 * speed, gap);
      up += pull * (rates[i + 1] - rates[i] * (1 - pull)) / variance;
      down += pull * pull / variance;
    }
    double mean = up / down;
    double squares = 0;
    double logVariances = 0;
    for (int i = 0; i < n; i++) {
      double gap = times[i + 1] - times[i];
      double expected = mean + (rates[i] - mean) * Math.exp(-speed * gap);
      double variance = VasicekBond.duration(2 * speed, gap);
      squares += (rates[i + 1] - expected) * (rates[i + 1] - expected) / variance;
      logVariances += Math.log(variance);
    }
    double vol2 = squares / n;
    double logLikelihood = -0.5 * (n * (Math.log(2 * Math.PI * vol2) + 1) + logVariances);
    return new VasicekFit(new Vasicek(rates[n], speed, mean, Math.sqrt(vol2)), logLikelihood);
  }
}
