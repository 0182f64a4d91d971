package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.FdSettings;
import dev.troupe.pricing.fd.Grid;

/**
 * Estimates errors from coarser grids, extrapolates, and refines until a tolerance is met.
 *
 * <p>Errors fall by four when all steps halve, so {@code f - c}, the change from the half grid to
 * the grid, is three times the error of {@code f}. Extrapolation takes that off: {@code f + (f -
 * c)/3}; its own error is judged by how much it changed from the half grid to this one, and, since
 * that may pass through 0 by chance, taken to be at least a share of what extrapolation moved.
 *
 * <p>European errors of the third order and more are left then, so half of the change is a careful
 * guess. Early exercise leaves one of the first order in time, which halves from grid to grid: it
 * is as large as the change, and extrapolation gains a factor of 2 to 5, not 20. So 27 puts of Ju's
 * table miss their exact prices by at most 0.36, 0.66 and 0.76 of a tolerance of 1e-3, 1e-4 and
 * 2e-5; judged as European ones they missed by up to 3 times the tolerance.
 */
public final class Refinement {
  private static final double SAFETY = 0.7;
  private static final double LEAST_GROWTH = 1.25;
  private static final double MOST_GROWTH = 3;

  /** Leaves room for sizes that are rounded up. */
  private static final double ROUNDING = 0.95;

  /** Extrapolation is trusted to bring this much at most, without and with early exercise. */
  private static final double MOST_GAIN = 20;

  private static final double MOST_AMERICAN_GAIN = 4;

  /** What the change of extrapolated prices is to their error, without and with early exercise. */
  private static final double CHANGE = 0.5;

  private static final double AMERICAN_CHANGE = 1;

  /** Prices that serve as control are computed this much closer than the tolerance. */
  private static final double CONTROL_SHARE = 0.1;

  private final FdSettings settings;
  private final Sweep sweep;
  private final boolean control;

  public Refinement(FdSettings settings, Sweep sweep) {
    this.settings = settings;
    this.sweep = sweep;
    Problem problem = sweep.problem();
    boolean wanted =
        switch (settings.control()) {
          case NONE -> false;
          case RATE_AXIS -> problem.needsRate();
          case ALWAYS -> true;
        };
    // A price that has a formula itself would become the formula's.
    control = wanted && problem.dividends().isEmpty() && !Formula.has(problem);
  }

  /**
   * Runs; with a tolerance, the outcome may be one that does not meet it: at the limit of work, or
   * earlier, if what was seen so far says that no grid within that limit will.
   */
  public Outcome run() {
    Grid grid = first();
    checkWork(grid);
    Outcome reference = control ? reference(grid) : null;
    Outcome outcome = on(grid, reference);
    double order = order() + 1; // nothing was seen yet, so with good luck
    while (settings.tolerance() > 0 && outcome.largestError() > settings.tolerance()) {
      double best = outcome.largestError() * Math.pow(room(grid), -order);
      if (best > settings.tolerance()) {
        return outcome.atBest(best);
      }
      Grid finer = even(grid.refined(growth(grid, outcome.largestError())));
      if (sweep.work(finer) > settings.maxWork()) {
        return outcome;
      }
      double before = outcome.largestError();
      double ratio = Math.pow((double) sweep.work(finer) / sweep.work(grid), 1.0 / directions());
      grid = finer;
      outcome = on(grid, reference);
      double seen = Math.log(before / outcome.largestError()) / Math.log(ratio);
      order = Math.max(seen + 0.5, order());
    }
    sweep.complete(settings, sweep.axes() == 1 ? grid : half(grid), outcome.numbers());
    return outcome;
  }

  /** The order at which errors fall, of space and time together. */
  private double order() {
    return settings.richardson() && !sweep.problem().american() ? 3 : 2;
  }

  /** Axes of space, and time. */
  private int directions() {
    return 1 + sweep.axes();
  }

  /** How much finer a grid can get within the limit of work. */
  private double room(Grid grid) {
    return Math.pow((double) settings.maxWork() / sweep.work(grid), 1.0 / directions());
  }

  /** How much finer the next grid should be: enough for the tolerance, or all that work allows. */
  private double growth(Grid grid, double error) {
    double wanted = Math.pow(error / (SAFETY * settings.tolerance()), 1 / order());
    double allowed = ROUNDING * room(grid);
    return Math.max(LEAST_GROWTH, Math.min(Math.min(MOST_GROWTH, allowed), wanted));
  }

  /** Early exercise, whose boundary moves, asks for shorter steps than a European price. */
  private Grid first() {
    Grid g = settings.grid();
    boolean more = settings.tolerance() > 0 && sweep.problem().american();
    return more ? new Grid(g.spot(), g.variance(), g.rate(), 2 * g.steps()) : g;
  }

  private void checkWork(Grid grid) {
    if (sweep.work(grid) > settings.maxWork()) {
      throw new IllegalArgumentException(
          "grid: "
              + sweep.work(grid)
              + " nodes times steps (expected: <= maxWork, "
              + settings.maxWork()
              + ")");
    }
  }

  private Outcome on(Grid grid, Outcome reference) {
    double[][] fine = solve(grid, reference);
    double[][] coarse = solve(half(grid), reference);
    double[] errors = new double[fine.length];
    if (!settings.richardson()) {
      for (int n = 0; n < errors.length; n++) {
        errors[n] =
            Math.abs(fine[n][Reader.PRICE] - coarse[n][Reader.PRICE]) / 3 + error(reference, n);
      }
      return new Outcome(fine, sweep.largest(errors), grid);
    }
    double[][] coarsest = solve(half(half(grid)), reference);
    double[][] best = extrapolate(fine, coarse);
    double[][] before = extrapolate(coarse, coarsest);
    boolean american = sweep.problem().american();
    double share = american ? AMERICAN_CHANGE : CHANGE;
    double gain = american ? MOST_AMERICAN_GAIN : MOST_GAIN;
    for (int n = 0; n < errors.length; n++) {
      double change = share * Math.abs(best[n][Reader.PRICE] - before[n][Reader.PRICE]);
      double moved = Math.abs(best[n][Reader.PRICE] - fine[n][Reader.PRICE]) / gain;
      errors[n] = Math.max(change, moved) + error(reference, n);
    }
    return new Outcome(best, sweep.largest(errors), grid);
  }

  private double error(Outcome reference, int option) {
    return reference == null ? 0 : reference.error(option % sweep.size());
  }

  private double[][] solve(Grid grid, Outcome reference) {
    double[][] numbers = sweep.solve(settings, grid);
    if (reference != null) {
      double[][] same = sweep.solveControl(settings, grid);
      for (int n = 0; n < numbers.length; n++) {
        for (int g = 0; g < Reader.COUNT; g++) {
          double correction = reference.numbers()[n][g] - same[n][g];
          numbers[n][g] += Double.isNaN(correction) ? 0 : correction;
        }
      }
    }
    return numbers;
  }

  /** The control's numbers: by formula, or from a finer grid, or to a share of the tolerance. */
  private Outcome reference(Grid grid) {
    Sweep known = sweep.control();
    if (Formula.has(known.problem())) {
      return new Outcome(known.byFormula(), new double[sweep.size()], grid);
    }
    FdSettings own =
        settings.tolerance() > 0
            ? settings.to(CONTROL_SHARE * settings.tolerance())
            : settings.on(even(grid.refined(2))).within(Long.MAX_VALUE);
    return new Refinement(own.improved(true, false), known).run();
  }

  private static double[][] extrapolate(double[][] fine, double[][] coarse) {
    double[][] best = new double[fine.length][Reader.COUNT];
    for (int n = 0; n < fine.length; n++) {
      for (int g = 0; g < Reader.COUNT; g++) {
        best[n][g] = fine[n][g] + (fine[n][g] - coarse[n][g]) / 3;
      }
    }
    return best;
  }

  private static Grid half(Grid grid) {
    return grid.refined(0.5);
  }

  /** Sizes that halve twice without a remainder. */
  private static Grid even(Grid grid) {
    return new Grid(
        up(grid.spot(), 4), up(grid.variance(), 4), up(grid.rate(), 8), up(grid.steps(), 4));
  }

  private static int up(int size, int multiple) {
    return (size + multiple - 1) / multiple * multiple;
  }
}
