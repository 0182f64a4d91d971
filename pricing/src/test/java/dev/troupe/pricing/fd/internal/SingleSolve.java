package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.EarlyExercise;
import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.Grid;
import dev.troupe.pricing.fd.Scheme;
import dev.troupe.pricing.fd.Spacing;
import dev.troupe.pricing.model.Option;
import java.util.List;

/** One American sweep and nothing else, for benchmarks: a year, Hundsdorfer-Verwer, no damping. */
public final class SingleSolve {
  private final Problem problem;
  private final Grid grid;

  public SingleSolve(FdModel model, double dividendYield, Grid grid) {
    problem = new Problem(model, dividendYield, 1, Option.Type.PUT, true, List.of());
    this.grid = grid;
  }

  /** Solves, meshes included. */
  public void run() {
    Meshes meshes = Meshes.of(problem, grid, 1, Spacing.SINH);
    double[] times = TimeGrid.of(problem, grid.steps());
    new Solver(problem, meshes, times, Scheme.HUNDSDORFER_VERWER, EarlyExercise.SPLITTING, 0)
        .solve();
  }

  /** Nodes times steps. */
  public double work() {
    Meshes meshes = Meshes.of(problem, grid, 1, Spacing.SINH);
    return (double) meshes.spot().size()
        * meshes.variance().size()
        * meshes.rate().size()
        * grid.steps();
  }
}
