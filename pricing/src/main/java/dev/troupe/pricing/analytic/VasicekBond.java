package dev.troupe.pricing.analytic;

import dev.troupe.pricing.model.Vasicek;

/**
 * Zero-coupon bonds under Vasicek's short rate (O. Vasicek, "An equilibrium characterization of the
 * term structure", 1977), and what its bonds' volatility adds to a forward's variance.
 */
public final class VasicekBond {

  private VasicekBond() {}

  /** The price today of 1 at the expiry, in years. */
  public static double price(Vasicek rate, double expiry) {
    return Math.exp(-zeroRate(rate, expiry) * expiry);
  }

  /** The continuously compounded yield to the expiry. */
  public static double zeroRate(Vasicek rate, double expiry) {
    if (expiry == 0) {
      return rate.r0();
    }
    double b = duration(rate.speed(), expiry);
    double integrated = rate.mean() * (expiry - b) + b * rate.r0();
    return (integrated - variance(rate, expiry) / 2) / expiry;
  }

  /** The instantaneous forward rate at the expiry. */
  public static double forwardRate(Vasicek rate, double expiry) {
    double b = duration(rate.speed(), expiry);
    double expected = rate.mean() + (rate.r0() - rate.mean()) * Math.exp(-rate.speed() * expiry);
    return expected - rate.vol() * rate.vol() * b * b / 2;
  }

  /** {@code (1 - exp(-a T)) / a}: what a bond loses, in logs, when the short rate rises by 1. */
  public static double duration(double speed, double expiry) {
    double x = speed * expiry;
    return x < 1e-12 ? expiry : -Math.expm1(-x) / speed;
  }

  /**
   * The variance of the integral of the short rate up to the expiry: {@code vol^2 int_0^T B(u)^2
   * du}.
   */
  public static double variance(Vasicek rate, double expiry) {
    double x = rate.speed() * expiry;
    double unit = x < 0.1 ? seriesOfVariance(x) : x + 2 * Math.expm1(-x) - Math.expm1(-2 * x) / 2;
    double scale = rate.vol() / rate.speed();
    return scale * scale / rate.speed() * unit;
  }

  /** The derivative of {@link #variance} by the expiry. */
  public static double varianceByExpiry(Vasicek rate, double expiry) {
    double deviation = rate.vol() * duration(rate.speed(), expiry);
    return deviation * deviation;
  }

  /** {@code x - 2 (1 - e^-x) + (1 - e^-2x) / 2} without the terms that cancel. */
  private static double seriesOfVariance(double x) {
    double sum = 0;
    double power = x * x / 2; // x^n / n!
    double two = 2; // 2^(n-1)
    for (int n = 3; n < 20; n++) {
      power *= x / n;
      two *= 2;
      sum += (n % 2 == 1 ? 1 : -1) * (two - 2) * power;
    }
    return sum;
  }
}
