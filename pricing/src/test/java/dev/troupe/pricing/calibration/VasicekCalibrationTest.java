package dev.troupe.pricing.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.troupe.pricing.model.Vasicek;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VasicekCalibrationTest {

  private static double[] days(int n) {
    double[] times = new double[n];
    for (int i = 0; i < n; i++) {
      times[i] = i / 252.0;
    }
    return times;
  }

  /** Exact moves, so that the fit's error is the sample's alone. */
  private static double[] simulate(Vasicek rate, double[] times, long seed) {
    Random random = new Random(seed);
    double[] rates = new double[times.length];
    rates[0] = rate.r0();
    for (int i = 1; i < times.length; i++) {
      double gap = times[i] - times[i - 1];
      double kept = Math.exp(-rate.speed() * gap);
      double deviation = rate.vol() * Math.sqrt((1 - kept * kept) / (2 * rate.speed()));
      rates[i] =
          rate.mean() + (rates[i - 1] - rate.mean()) * kept + deviation * random.nextGaussian();
    }
    return rates;
  }

  @Test
  void recoversTheParametersOfALongHistory() {
    double[] times = days(60_000);
    Vasicek truth = new Vasicek(0.02, 1.2, 0.04, 0.012);
    Vasicek fit = VasicekCalibration.fit(times, simulate(truth, times, 7)).rate();
    assertThat(fit.speed()).isCloseTo(1.2, within(0.3)); // three standard errors
    assertThat(fit.mean()).isCloseTo(0.04, within(0.002));
    assertThat(fit.vol()).isCloseTo(0.012, within(1e-4));
  }

  /** On equal gaps the estimate is a regression of each rate on the one before. */
  @Test
  void isTheRegressionOnEqualGaps() {
    double[] times = days(500);
    double[] r = simulate(new Vasicek(0.02, 3, 0.04, 0.02), times, 3);
    int n = r.length - 1;
    double x = Arrays.stream(r, 0, n).average().orElseThrow();
    double y = Arrays.stream(r, 1, n + 1).average().orElseThrow();
    double xy = 0;
    double xx = 0;
    for (int i = 0; i < n; i++) {
      xy += (r[i] - x) * (r[i + 1] - y);
      xx += (r[i] - x) * (r[i] - x);
    }
    double kept = xy / xx;
    Vasicek fit = VasicekCalibration.fit(times, r).rate();
    assertThat(fit.speed()).isCloseTo(-Math.log(kept) * 252, within(1e-4));
    assertThat(fit.mean()).isCloseTo((y - kept * x) / (1 - kept), within(1e-7));
    assertThat(fit.r0()).isEqualTo(r[n]);
  }

  @Test
  void theFitIsMoreLikelyThanItsNeighboursOnUnequalGaps() {
    double[] times = days(400);
    for (int i = 0; i < times.length; i++) {
      times[i] += (i / 5) * 2 / 252.0; // week-ends
    }
    double[] rates = simulate(new Vasicek(0.02, 2, 0.04, 0.02), times, 5);
    VasicekFit fit = VasicekCalibration.fit(times, rates);
    assertThat(fit.logLikelihood())
        .isCloseTo(logLikelihood(fit.rate(), times, rates), within(1e-8));
    Vasicek best = fit.rate();
    for (double factor : new double[] {0.99, 1.01}) {
      Vasicek[] others = {
        new Vasicek(best.r0(), best.speed() * factor, best.mean(), best.vol()),
        new Vasicek(best.r0(), best.speed(), best.mean() * factor, best.vol()),
        new Vasicek(best.r0(), best.speed(), best.mean(), best.vol() * factor)
      };
      for (Vasicek other : others) {
        assertThat(logLikelihood(other, times, rates)).isLessThan(fit.logLikelihood());
      }
    }
  }

  private static double logLikelihood(Vasicek rate, double[] times, double[] rates) {
    double sum = 0;
    for (int i = 1; i < rates.length; i++) {
      double kept = Math.exp(-rate.speed() * (times[i] - times[i - 1]));
      double variance = rate.vol() * rate.vol() * (1 - kept * kept) / (2 * rate.speed());
      double error = rates[i] - rate.mean() - (rates[i - 1] - rate.mean()) * kept;
      sum -= 0.5 * (Math.log(2 * Math.PI * variance) + error * error / variance);
    }
    return sum;
  }

  @Test
  void refusesWhatIsNoHistory() {
    double[] rates = {0.01, 0.02, 0.015, 0.01};
    assertThatThrownBy(() -> VasicekCalibration.fit(days(3), new double[] {1, 2, 3}))
        .hasMessage("times: 3 (expected: at least 4 observations)");
    assertThatThrownBy(() -> VasicekCalibration.fit(days(5), rates))
        .hasMessage("times: 5 (expected: as many as rates, 4)");
    assertThatThrownBy(() -> VasicekCalibration.fit(new double[] {0, 2, 1, 3}, rates))
        .hasMessage("times[2]: 1.0 (expected: > times[1], 2.0)");
    assertThatThrownBy(
            () -> VasicekCalibration.fit(days(4), new double[] {0.01, Double.NaN, 0.01, 0.02}))
        .hasMessage("rates[1]: NaN (expected: a finite number)");
    assertThatThrownBy(() -> VasicekCalibration.fit(days(4), new double[] {0.01, 0.01, 0.01, 0.01}))
        .hasMessage("rates: all 0.01 (expected: a rate that moves)");
  }
}
