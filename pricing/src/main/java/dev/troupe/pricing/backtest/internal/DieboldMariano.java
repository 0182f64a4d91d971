package dev.troupe.pricing.backtest.internal;

import dev.troupe.pricing.analytic.Normal;

/**
 * Whether one forecast's losses are larger than another's by more than chance (F. Diebold and R.
 * Mariano, "Comparing predictive accuracy", 1995): the mean of the losses' differences over its
 * standard error, which allows for autocorrelation (W. Newey and K. West, 1987).
 *
 * @param statistic about standard normal if both are equally good; positive where the first loses
 *     more
 * @param pValue two-sided
 * @param times that were compared
 */
record DieboldMariano(double statistic, double pValue, int times) {

  /**
   * Compares.
   *
   * @param differences of losses, first less second, in order of time
   * @param horizon of the forecasts, in those times: errors overlap for one less
   * @return NaN for fewer than two times, or if all differences are the same
   */
  static DieboldMariano of(double[] differences, int horizon) {
    int n = differences.length;
    double mean = 0;
    for (double d : differences) {
      mean += d / n;
    }
    int lags = Math.min(n - 1, Math.max(horizon - 1, (int) (4 * Math.pow(n / 100.0, 2.0 / 9))));
    double variance = covariance(differences, mean, 0);
    for (int lag = 1; lag <= lags; lag++) {
      variance += 2 * (1 - lag / (lags + 1.0)) * covariance(differences, mean, lag);
    }
    double statistic = n < 2 || !(variance > 0) ? Double.NaN : mean / Math.sqrt(variance / n);
    return new DieboldMariano(statistic, 2 * Normal.cdf(-Math.abs(statistic)), n);
  }

  private static double covariance(double[] values, double mean, int lag) {
    double sum = 0;
    for (int i = lag; i < values.length; i++) {
      sum += (values[i] - mean) * (values[i - lag] - mean);
    }
    return sum / values.length;
  }
}
