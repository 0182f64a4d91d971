package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.FdModel;
import dev.troupe.pricing.fd.FdSettings;
import dev.troupe.pricing.fd.Grid;
import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.model.Heston;
import dev.troupe.pricing.model.Option;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * Options that one sweep serves, and their numbers on a grid: {@code [option][Reader.COUNT]}.
 *
 * <p>Where strikes are free, each option is read at two neighbouring strikes as well: errors as
 * functions of the strike pass through 0, and an estimate at one strike alone may be small by
 * chance. Row {@code n + m * size()} is option {@code n} at its strike ({@code m = 0}), below and
 * above.
 */
public final class Sweep {
  /** Shift of a known rate and relative shift of a known volatility for differences. */
  private static final double SHIFT = 1e-3;

  /** Distance of neighbouring strikes, in deviations of the log forward. */
  private static final double APART = 0.25;

  private final Problem problem;
  private final double spot;
  private final List<Option> options;
  private final double[] strikes;

  public Sweep(Problem problem, double spot, List<Option> options) {
    this.problem = problem;
    this.spot = spot;
    this.options = options;
    int places = problem.dividends().isEmpty() ? 3 : 1;
    double apart = APART * Meshes.deviation(problem.model(), problem.expiry());
    double[] factors = {1, Math.exp(-apart), Math.exp(apart)};
    strikes = new double[places * options.size()];
    for (int n = 0; n < strikes.length; n++) {
      strikes[n] = options.get(n % size()).strike() * factors[n / size()];
    }
  }

  /** Of what is asked of each option, the largest of its neighbouring strikes. */
  double[] largest(double[] rows) {
    double[] largest = new double[size()];
    for (int n = 0; n < rows.length; n++) {
      largest[n % size()] = Math.max(largest[n % size()], rows[n]);
    }
    return largest;
  }

  Problem problem() {
    return problem;
  }

  int size() {
    return options.size();
  }

  /** The same options in the problem that serves as control. */
  Sweep control() {
    return new Sweep(problem.control(), spot, options);
  }

  /** Numbers by formula. */
  double[][] byFormula() {
    Formula formula = new Formula(problem.model(), problem.dividendYield(), spot);
    double[][] numbers = new double[strikes.length][];
    for (int n = 0; n < numbers.length; n++) {
      numbers[n] = formula.read(strikes[n], options.get(n % size()).type(), problem.expiry());
    }
    return numbers;
  }

  /** Axes of space. */
  int axes() {
    return 1 + (problem.model().stochasticVariance() ? 1 : 0) + (problem.needsRate() ? 1 : 0);
  }

  /** Nodes times steps on a grid. */
  long work(Grid grid) {
    long variances = problem.model().stochasticVariance() ? grid.variance() + 1 : 1;
    long rates = problem.needsRate() ? grid.rate() + 1 : 1;
    return (grid.spot() + 1L) * variances * rates * grid.steps();
  }

  Meshes meshes(FdSettings settings, Grid grid) {
    double bond = problem.model().rate().bond(0, problem.expiry(), 0);
    double forward = spot * Math.exp(-problem.dividendYield() * problem.expiry()) / bond;
    double least = Arrays.stream(strikes).min().orElseThrow();
    return Meshes.of(problem, grid, forward / least, settings.spacing());
  }

  double[][] solve(FdSettings settings, Grid grid) {
    return solve(problem, settings, meshes(settings, grid), TimeGrid.of(problem, grid.steps()));
  }

  /** The control's numbers with just the meshes and times that {@link #solve} uses on this grid. */
  double[][] solveControl(FdSettings settings, Grid grid) {
    return solve(
        problem.control(),
        settings,
        problem.dividends().isEmpty()
            ? meshes(settings, grid).withoutRate()
            : meshes(settings, grid),
        TimeGrid.of(problem, grid.steps()));
  }

  private double[][] solve(Problem p, FdSettings settings, Meshes meshes, double[] times) {
    Surface surface =
        new Solver(p, meshes, times, settings.scheme(), settings.exercise(), settings.damping())
            .solve();
    Reader reader = new Reader(p, surface, spot);
    double[][] numbers = new double[strikes.length][];
    for (int n = 0; n < numbers.length; n++) {
      numbers[n] = reader.read(strikes[n], options.get(n % size()).type());
    }
    return numbers;
  }

  /** Fills in what the meshes do not hold, by central differences of solutions on this grid. */
  void complete(FdSettings settings, Grid grid, double[][] numbers) {
    if (Double.isNaN(numbers[0][Reader.RHO])) {
      difference(settings, grid, numbers, Reader.RHO, SHIFT, shifted(SHIFT), shifted(-SHIFT));
    }
    if (Double.isNaN(numbers[0][Reader.VEGA])) {
      double step = SHIFT * Math.max(Math.sqrt(problem.model().variance().v0()), 0.01);
      difference(settings, grid, numbers, Reader.VEGA, step, bumped(step), bumped(-step));
    }
  }

  private void difference(
      FdSettings settings,
      Grid grid,
      double[][] numbers,
      int greek,
      double step,
      Problem up,
      Problem down) {
    Meshes meshes = meshes(settings, grid);
    double[] times = TimeGrid.of(problem, grid.steps());
    double[][] high = solve(up, settings, meshes, times);
    double[][] low = solve(down, settings, meshes, times);
    for (int n = 0; n < numbers.length; n++) {
      numbers[n][greek] = (high[n][Reader.PRICE] - low[n][Reader.PRICE]) / (2 * step);
    }
  }

  private Problem shifted(double shift) {
    FdModel model = problem.model();
    DoubleUnaryOperator curve = model.rate().curve();
    ShortRate rate =
        ShortRate.known(years -> curve.applyAsDouble(years) * Math.exp(-shift * years));
    return with(new FdModel(model.variance(), rate, model.rhoSr(), model.rhoVr()));
  }

  /** A constant volatility moves as a whole, a changing one at its beginning. */
  private Problem bumped(double step) {
    FdModel model = problem.model();
    Heston h = model.variance();
    double vol = Math.max(0, Math.sqrt(h.v0()) + step);
    double theta = h.theta() == h.v0() ? vol * vol : h.theta();
    Heston heston = new Heston(vol * vol, h.kappa(), theta, h.sigma(), h.rho());
    return with(new FdModel(heston, model.rate(), model.rhoSr(), model.rhoVr()));
  }

  private Problem with(FdModel model) {
    return new Problem(
        model,
        problem.dividendYield(),
        problem.expiry(),
        problem.type(),
        problem.american(),
        problem.dividends());
  }
}
