package dev.troupe.pricing.analytic;

/**
 * The standard normal distribution, accurate to a few units in the last place of the <em>value</em>
 * even in the far tails, where prices of options far out of the money live. Tails come from the
 * scaled complementary error function by the rational approximations of W. J. Cody, "Rational
 * Chebyshev approximations for the error function", Math. Comp. 23 (1969).
 */
public final class Normal {

  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double SQRT_HALF_PI = Math.sqrt(Math.PI / 2);
  private static final double ONE_OVER_SQRT_PI = 1 / Math.sqrt(Math.PI);
  private static final double ONE_OVER_SQRT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

  /** The density beyond is below the smallest double. */
  private static final double VANISHED = 39;

  /** erf(x) = x P(x^2) / Q(x^2) below this, highest power first. */
  private static final double SMALL = 0.46875;

  private static final double[] SMALL_P = {
    0.18577770618460315,
    3.1611237438705655,
    113.86415415105016,
    377.485237685302,
    3209.3775891384694
  };
  private static final double[] SMALL_Q = {
    1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171
  };

  /** erfcx(x) = P(x) / Q(x) up to this. */
  private static final double MIDDLE = 4;

  private static final double[] MIDDLE_P = {
    2.1531153547440383e-08,
    0.5641884969886701,
    8.883149794388377,
    66.11919063714163,
    298.6351381974001,
    881.952221241769,
    1712.0476126340707,
    2051.0783778260716,
    1230.3393547979972
  };
  private static final double[] MIDDLE_Q = {
    1,
    15.744926110709835,
    117.6939508913125,
    537.1811018620099,
    1621.3895745666903,
    3290.7992357334597,
    4362.619090143247,
    3439.3676741437216,
    1230.3393548037495
  };

  /** erfcx(x) = (1/sqrt(pi) - z P(z) / Q(z)) / x with z = 1/x^2 beyond. */
  private static final double[] LARGE_P = {
    0.016315387137302097,
    0.30532663496123236,
    0.36034489994980445,
    0.12578172611122926,
    0.016083785148742275,
    0.0006587491615298378
  };

  private static final double[] LARGE_Q = {
    1,
    2.568520192289822,
    1.8729528499234673,
    0.5279051029514285,
    0.06051834131244132,
    0.0023352049762686918
  };

  private Normal() {}

  /** The density. */
  public static double pdf(double x) {
    if (Math.abs(x) > VANISHED) {
      return 0;
    }
    double rounded = Math.rint(x * 16) / 16; // its square is exact, so the exponent loses no digits
    double rest = x - rounded;
    return ONE_OVER_SQRT_TWO_PI
        * Math.exp(-rounded * rounded / 2)
        * Math.exp(-rest * (x + rounded) / 2);
  }

  /** The probability of a value below {@code x}. */
  public static double cdf(double x) {
    if (Math.abs(x) * SQRT_HALF < SMALL) {
      return 0.5 + 0.5 * smallErf(x * SQRT_HALF);
    }
    double tail = x == 0 ? 0.5 : pdf(x) * upperMills(Math.abs(x));
    return x < 0 ? tail : 1 - tail;
  }

  /** {@code cdf(x) / pdf(x)}; infinite for {@code x} above about 38. */
  public static double mills(double x) {
    if (Math.abs(x) * SQRT_HALF < SMALL || x > 0) {
      return cdf(x) / pdf(x);
    }
    return upperMills(-x);
  }

  /** The {@code x} with {@code cdf(x) = p}; infinite at 0 and 1. */
  public static double quantile(double p) {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("p: " + p + " (expected: in [0, 1])");
    }
    if (p == 0 || p == 1) {
      return p == 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (p > 0.5) {
      return -quantile(1 - p);
    }
    double x = roughLowerQuantile(p);
    for (int i = 0; i < 3; i++) { // Halley on ln cdf, which has the tail's digits
      double mills = mills(x);
      double f = Math.log(p / (pdf(x) * mills)) * mills;
      x += f / (1 - 0.5 * f * (x + 1 / mills));
    }
    return x;
  }

  /** Abramowitz and Stegun 26.2.23, absolute error below 4.5e-4. */
  private static double roughLowerQuantile(double p) {
    double t = Math.sqrt(-2 * Math.log(p));
    double above = 2.515517 + t * (0.802853 + t * 0.010328);
    double below = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
    return above / below - t;
  }

  /** {@code cdf(-x) / pdf(x)} for {@code x > 0.66}. */
  private static double upperMills(double x) {
    double y = x * SQRT_HALF;
    if (y <= MIDDLE) {
      return SQRT_HALF_PI * polynomial(MIDDLE_P, y) / polynomial(MIDDLE_Q, y);
    }
    double z = 1 / (y * y);
    double series = z * polynomial(LARGE_P, z) / polynomial(LARGE_Q, z);
    return SQRT_HALF_PI * (ONE_OVER_SQRT_PI - series) / y;
  }

  private static double smallErf(double x) {
    return x * polynomial(SMALL_P, x * x) / polynomial(SMALL_Q, x * x);
  }

  private static double polynomial(double[] coefficients, double x) {
    double sum = 0;
    for (double coefficient : coefficients) {
      sum = sum * x + coefficient;
    }
    return sum;
  }
}
