package dev.troupe.pricing.bench;

import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.FdPricer;
import dev.troupe.pricing.fd.FdResult;
import dev.troupe.pricing.fd.FdSettings;
import dev.troupe.pricing.fd.Grid;
import dev.troupe.pricing.fd.Market;
import dev.troupe.pricing.fd.Scheme;
import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.fd.internal.SingleSolve;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import dev.troupe.pricing.model.Option.Exercise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One expiry's chain of 40 puts: seconds on the coarsest grid that meets an error, and one solve
 * alone; see bench/pricing/run.sh.
 *
 * <p>Arguments: {@code references FILE} writes prices from very fine grids; {@code run FILE} times.
 * Lines are {@code case error seconds grid}, by tabs.
 */
public final class ChainBench {
  private static final double SPOT = 100;
  private static final int STRIKES = 40;
  private static final double[] ERRORS = {1e-3 * SPOT, 1e-4 * SPOT};
  private static final double[] SCALES = {.25, .375, .5, .75, 1, 1.5, 2, 3};
  private static final Market MARKET = new Market(SPOT, .01);
  private static final long WARM_UP_NANOS = 1_500_000_000L;
  private static final int ROUNDS = 21;

  private static final Heston HESTON = new Heston(.05, 2, .06, .4, -.6);

  private ChainBench() {}

  public static void main(String[] args) throws IOException {
    Path file = Path.of(args[1]);
    if (args[0].equals("references")) {
      references(file);
    } else {
      chains(file);
      alone();
    }
  }

  private static Map<String, FdModel> models() {
    Map<String, FdModel> models = new TreeMap<>();
    models.put("heston", FdModel.heston(HESTON, ShortRate.flat(.03)));
    ShortRate rate = ShortRate.hullWhite(t -> Math.exp(-.03 * t), .2, .015);
    models.put("heston-hull-white", new FdModel(HESTON, rate, .3, 0));
    return models;
  }

  private static List<Option> chain(Exercise exercise) {
    List<Option> chain = new ArrayList<>();
    for (int i = 0; i < STRIKES; i++) {
      chain.add(new Option(Option.Type.PUT, exercise, 70 + 1.5 * i, 1));
    }
    return chain;
  }

  private static void references(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Map.Entry<String, FdModel> model : models().entrySet()) {
      for (Exercise exercise : Exercise.values()) {
        Grid grid =
            exercise == Exercise.EUROPEAN
                ? new Grid(512, 256, 2, 128)
                : new Grid(256, 96, model.getValue().rate().stochastic() ? 16 : 2, 192);
        for (FdResult result : price(FdSettings.DEFAULT.on(grid), model.getValue(), exercise)) {
          lines.add(
              name(model.getKey(), exercise)
                  + "\t"
                  + result.option().strike()
                  + "\t"
                  + result.price()
                  + "\t"
                  + result.errorEstimate());
        }
      }
    }
    Files.write(file, lines);
  }

  private static void chains(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    for (Map.Entry<String, FdModel> model : models().entrySet()) {
      for (Exercise exercise : Exercise.values()) {
        String name = name(model.getKey(), exercise);
        double[] expected =
            lines.stream()
                .map(line -> line.split("\t", -1))
                .filter(cells -> cells[0].equals(name))
                .mapToDouble(cells -> Double.parseDouble(cells[2]))
                .toArray();
        for (double error : ERRORS) {
          Grid grid = coarsest(model.getValue(), exercise, expected, error);
          FdSettings onGrid = FdSettings.DEFAULT.on(grid);
          double seconds = median(() -> price(onGrid, model.getValue(), exercise));
          print(name, error, seconds, grid.toString());
          FdSettings to = FdSettings.DEFAULT.to(error);
          Grid chosen = price(to, model.getValue(), exercise).get(0).grid();
          seconds = median(() -> price(to, model.getValue(), exercise));
          print(name + " by tolerance", error, seconds, chosen.toString());
        }
      }
    }
  }

  private static Grid coarsest(FdModel model, Exercise exercise, double[] expected, double error) {
    int steps = exercise == Exercise.AMERICAN ? 32 : 16;
    for (double scale : SCALES) {
      Grid grid = new Grid(64, 32, 8, steps).refined(scale);
      List<FdResult> results = price(FdSettings.DEFAULT.on(grid), model, exercise);
      double worst = 0;
      for (int i = 0; i < expected.length; i++) {
        worst = Math.max(worst, Math.abs(results.get(i).price() - expected[i]));
      }
      if (worst <= error) {
        return grid;
      }
    }
    throw new IllegalStateException("no grid met " + error);
  }

  /**
   * One solve, the peer's sizes and scheme, no extrapolation, no control. A step of
   * Hundsdorfer-Verwer takes on each node, by our own count of what the loops of {@code Rows} say,
   * 84 operations in two dimensions and 134 in three, and 117 and 179 reads and writes of numbers
   * in rows, which the caches serve.
   */
  private static void alone() {
    Grid two = new Grid(100, 50, 2, 100);
    Grid three = new Grid(100, 40, 20, 50);
    for (Map.Entry<String, FdModel> model : models().entrySet()) {
      boolean random = model.getValue().rate().stochastic();
      Grid grid = random ? three : two;
      SingleSolve solve = new SingleSolve(model.getValue(), MARKET.dividendYield(), grid);
      double seconds = median(solve::run);
      double giga = solve.work() / seconds * 1e-9;
      print(
          name(model.getKey(), Exercise.AMERICAN) + " alone",
          Double.NaN,
          seconds,
          String.format(
              "%s, %.1f GFLOP/s, %.0f GB/s",
              grid, giga * (random ? 134 : 84), giga * Double.BYTES * (random ? 179 : 117)));
    }
  }

  private static List<FdResult> price(FdSettings settings, FdModel model, Exercise exercise) {
    return new FdPricer(settings.with(Scheme.MODIFIED_CRAIG_SNEYD))
        .price(model, MARKET, chain(exercise));
  }

  private static double median(Runnable work) {
    long end = System.nanoTime() + WARM_UP_NANOS;
    do {
      work.run();
    } while (System.nanoTime() < end);
    double[] seconds = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      work.run();
      seconds[i] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    return seconds[ROUNDS / 2];
  }

  private static String name(String model, Exercise exercise) {
    return model + " " + (exercise == Exercise.AMERICAN ? "american" : "european");
  }

  private static void print(String name, double error, double seconds, String grid) {
    System.out.printf("troupe\t%s\t%.0e\t%.6f\t%s%n", name, error, seconds, grid);
  }
}
