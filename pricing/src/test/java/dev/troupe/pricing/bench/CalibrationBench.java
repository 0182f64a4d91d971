package dev.troupe.pricing.bench;

import dev.troupe.pricing.analytic.HestonFormula;
import dev.troupe.pricing.analytic.ImpliedVolatility;
import dev.troupe.pricing.calibration.HestonCalibration;
import dev.troupe.pricing.calibration.HestonFit;
import dev.troupe.pricing.calibration.VolQuote;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Calibrations of Heston a second: a surface of 13 strikes and 8 expiries (the size of QuantLib's
 * DAX example) with noise of 0.2 points of volatility, from our three starts, and from yesterday's
 * parameters alone. Lines are {@code calibration start seconds evaluations rmse}, by tabs.
 */
public final class CalibrationBench {
  private static final int STRIKES = 13;
  private static final double[] EXPIRIES = {.04, .1, .25, .5, .75, 1, 2, 3};
  private static final double NOISE = 2e-3;
  private static final int WARM_UP = 30;
  private static final int ROUNDS = 41;
  private static final Heston TRUTH = new Heston(.05, 2, .06, .5, -.7);

  private CalibrationBench() {}

  public static void main(String[] args) {
    List<VolQuote> quotes = surface();
    Heston yesterday = new Heston(.055, 1.8, .058, .55, -.66);
    time("three starts", () -> HestonCalibration.fit(quotes));
    time("yesterday's", () -> HestonCalibration.fit(quotes, List.of(yesterday)));
  }

  private static List<VolQuote> surface() {
    SplittableRandom random = new SplittableRandom(1);
    List<VolQuote> quotes = new ArrayList<>();
    for (double expiry : EXPIRIES) {
      for (int i = 0; i < STRIKES; i++) {
        double strike = 100 * Math.exp((i - 6) * .08 * Math.sqrt(expiry));
        Option.Type type = strike >= 100 ? Option.Type.CALL : Option.Type.PUT;
        Option option = new Option(type, Exercise.EUROPEAN, strike, expiry);
        double price = HestonFormula.price(option, 100, 0, 0, TRUTH).price();
        double vol = ImpliedVolatility.of(option, price, 100, 1);
        quotes.add(new VolQuote(expiry, strike, 100, vol + NOISE * (2 * random.nextDouble() - 1)));
      }
    }
    return quotes;
  }

  private static void time(String start, Supplier<HestonFit> calibration) {
    double[] seconds = new double[ROUNDS];
    HestonFit fit = null;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
      long begin = System.nanoTime();
      fit = calibration.get();
      seconds[Math.max(i, 0)] = (System.nanoTime() - begin) * 1e-9;
    }
    Arrays.sort(seconds);
    System.out.printf(
        "calibration\t%s\t%.6f\t%d\t%.2e%n",
        start, seconds[ROUNDS / 2], fit.evaluations(), fit.rmse());
  }
}
