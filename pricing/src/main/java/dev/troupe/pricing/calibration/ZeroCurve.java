package dev.troupe.pricing.calibration;

import dev.troupe.pricing.calibration.internal.MonotoneCubic;
import dev.troupe.pricing.model.DiscountCurve;
import java.util.Arrays;

/**
 * A curve of zero-coupon bonds bootstrapped from par yields, such as the U.S. Treasury's: the
 * coupon, paid every half year, at which a bond costs its face. Up to half a year a yield is of a
 * bill, {@code P = 1 / (1 + y T)}.
 *
 * <p>Between maturities {@code -ln P} is a monotone cubic, so that forward rates are continuous and
 * positive wherever bonds become cheaper with maturity. Each maturity's bond price is met by the
 * secant method, and the maturities are gone through until none moves: a bond's coupons depend a
 * little on later ones through the cubic. Before the first maturity and after the last the forward
 * rate is flat.
 */
public final class ZeroCurve implements DiscountCurve {

  private static final double HALF_YEAR = 0.5;
  private static final int MOST_SWEEPS = 100;
  private static final double TOLERANCE = 1e-14;

  private final double[] times;
  private final double[] logs;
  private MonotoneCubic cubic;

  private ZeroCurve(double[] times, double[] logs) {
    this.times = times;
    this.logs = logs;
    this.cubic = new MonotoneCubic(times, logs);
  }

  /**
   * Bootstraps the curve.
   *
   * @param maturities years, increasing; those beyond half a year are whole numbers of half years
   * @param yields a year, 0.05 for 5 %
   * @throws IllegalArgumentException if lengths differ or are 0, maturities do not increase or are
   *     no whole half years, a yield is missing (NaN), or no curve gives these yields
   */
  public static ZeroCurve fromParYields(double[] maturities, double[] yields) {
    check(maturities, yields);
    int n = maturities.length;
    double[] times = new double[n + 1];
    double[] logs = new double[n + 1];
    for (int i = 0; i < n; i++) {
      times[i + 1] = maturities[i];
      logs[i + 1] =
          maturities[i] <= HALF_YEAR
              ? Math.log1p(yields[i] * maturities[i])
              : 2 * Math.log1p(yields[i] / 2) * maturities[i];
    }
    ZeroCurve curve = new ZeroCurve(times, logs);
    for (int sweep = 0; sweep < MOST_SWEEPS; sweep++) {
      double moved = 0;
      for (int i = 0; i < n; i++) {
        if (maturities[i] > HALF_YEAR) {
          moved = Math.max(moved, curve.meet(i + 1, yields[i]));
        }
      }
      if (moved < TOLERANCE) {
        return curve;
      }
    }
    throw new IllegalArgumentException(
        "yields: %s (expected: par yields of one curve; none was found)"
            .formatted(Arrays.toString(yields)));
  }

  private static void check(double[] maturities, double[] yields) {
    if (maturities.length != yields.length || maturities.length == 0) {
      throw new IllegalArgumentException(
          "maturities: %d (expected: as many as yields, %d, and at least one)"
              .formatted(maturities.length, yields.length));
    }
    for (int i = 0; i < maturities.length; i++) {
      double previous = i == 0 ? 0 : maturities[i - 1];
      if (!(maturities[i] > previous)) {
        throw new IllegalArgumentException(
            "maturities[%d]: %s (expected: > %s)".formatted(i, maturities[i], previous));
      }
      if (maturities[i] > HALF_YEAR && maturities[i] % HALF_YEAR != 0) {
        throw new IllegalArgumentException(
            "maturities[%d]: %s (expected: a whole number of half years)"
                .formatted(i, maturities[i]));
      }
      if (!(yields[i] > -1 && yields[i] < 10)) {
        throw new IllegalArgumentException(
            "yields[%d]: %s (expected: a yield a year, 0.05 for 5 %%; leave out what is missing)"
                .formatted(i, yields[i]));
      }
    }
  }

  /** Moves one log so that its bond costs its face; says by how much. */
  private double meet(int i, double yield) {
    double before = logs[i];
    double x = before;
    double error = bondLessFace(i, x, yield);
    double next = x + error; // a bond of face 1 loses about its log
    for (int step = 0; step < 20 && Math.abs(next - x) > TOLERANCE / 10; step++) {
      double nextError = bondLessFace(i, next, yield);
      double slope = (nextError - error) / (next - x);
      x = next;
      error = nextError;
      if (slope == 0) {
        break;
      }
      next = x - error / slope;
    }
    bondLessFace(i, x, yield);
    return Math.abs(x - before);
  }

  private double bondLessFace(int i, double log, double yield) {
    logs[i] = log;
    cubic = new MonotoneCubic(times, logs);
    double annuity = 0;
    for (double t = HALF_YEAR; t < times[i] + HALF_YEAR / 2; t += HALF_YEAR) {
      annuity += discount(t);
    }
    return yield / 2 * annuity + discount(times[i]) - 1;
  }

  @Override
  public double discount(double t) {
    return Math.exp(-cubic.value(t));
  }

  @Override
  public double forwardRate(double t) {
    return cubic.slope(t);
  }
}
