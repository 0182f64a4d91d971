package dev.troupe.pricing.fd;

import dev.troupe.pricing.model.Vasicek;
import java.util.function.DoubleUnaryOperator;

/**
 * The short rate {@code r = x + d(t)} with {@code dx = -speed x dt + vol dW}, {@code x(0) = 0}, and
 * {@code d} such that bonds cost what the curve says now: Hull and White's model. Vasicek's is the
 * one whose curve is its own; a known rate is the one whose volatility is 0.
 *
 * @param curve price now of 1 paid in so many years; 1 at 0
 * @param speed of mean reversion, 1/year; not used when {@code vol} is 0
 * @param vol absolute, a root of a year
 * @param drift of the short rate now, a year: theta holds the rate itself still, not {@code x}; 0
 *     lets the rate move along the curve
 */
public record ShortRate(DoubleUnaryOperator curve, double speed, double vol, double drift) {

  /** Below this {@code speed * years} the closed forms lose digits and give way to their series. */
  private static final double SMALL = 1e-3;

  /**
   * @throws IllegalArgumentException if {@code vol} is negative, or positive with a speed that is
   *     not
   */
  public ShortRate {
    if (!(vol >= 0) || Double.isInfinite(vol)) {
      throw new IllegalArgumentException("rateVol: " + vol + " (expected: >= 0)");
    }
    if (vol > 0 && !(speed > 0)) {
      throw new IllegalArgumentException("rateSpeed: " + speed + " (expected: > 0)");
    }
  }

  /** One rate for ever, continuously compounded. */
  public static ShortRate flat(double rate) {
    if (!Double.isFinite(rate)) {
      throw new IllegalArgumentException("rate: " + rate + " (expected: a finite number)");
    }
    return known(years -> Math.exp(-rate * years));
  }

  /** A rate known in advance, from today's bonds. */
  public static ShortRate known(DoubleUnaryOperator curve) {
    return new ShortRate(curve, 0, 0, 0);
  }

  /** Vasicek's rate; its curve follows from its parameters. Without volatility a known rate. */
  public static ShortRate vasicek(Vasicek rate) {
    ShortRate own = new ShortRate(years -> 1, rate.speed(), rate.vol(), 0);
    DoubleUnaryOperator curve =
        years ->
            Math.exp(
                -rate.mean() * years
                    - (rate.r0() - rate.mean()) * own.duration(years)
                    + own.integratedVariance(years) / 2);
    double drift = rate.vol() > 0 ? rate.speed() * (rate.mean() - rate.r0()) : 0;
    return new ShortRate(curve, rate.speed(), rate.vol(), drift);
  }

  /** Hull and White's rate, fitted to a curve. */
  public static ShortRate hullWhite(DoubleUnaryOperator curve, double speed, double vol) {
    return new ShortRate(curve, speed, vol, 0);
  }

  /** Whether the rate is random. */
  public boolean stochastic() {
    return vol > 0;
  }

  /** {@code B}: how much the log of a bond falls for a rise of {@code x}, in years. */
  public double duration(double years) {
    return speed == 0 ? years : -Math.expm1(-speed * years) / speed;
  }

  /**
   * Price at {@code time} of 1 paid at {@code maturity}, when the rate's state is {@code x} then.
   */
  public double bond(double time, double maturity, double x) {
    double ratio = curve.applyAsDouble(maturity) / curve.applyAsDouble(time);
    if (!stochastic()) {
      return ratio;
    }
    double years = maturity - time;
    double convexity =
        integratedVariance(years) - integratedVariance(maturity) + integratedVariance(time);
    return ratio * Math.exp(-duration(years) * x + convexity / 2);
  }

  /** Variance of the integral of the rate over so many years. */
  public double integratedVariance(double years) {
    double z = speed * years;
    if (z < SMALL) {
      return vol * vol * years * years * years * (1.0 / 3 - z / 4 + 7 * z * z / 60);
    }
    double decay = -Math.expm1(-z);
    double decayTwice = -Math.expm1(-2 * z);
    return vol * vol / (speed * speed) * (years - 2 * decay / speed + decayTwice / (2 * speed));
  }
}
