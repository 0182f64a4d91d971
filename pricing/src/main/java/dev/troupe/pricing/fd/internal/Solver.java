package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.CashDividend;
import dev.troupe.pricing.fd.EarlyExercise;
import dev.troupe.pricing.fd.Scheme;
import java.util.Arrays;
import java.util.List;

/** Runs one sweep backwards from expiry to now. */
final class Solver {
  /** Nodes from which values are interpolated to today's variance and rate. */
  private static final int POINTS = 6;

  private final Problem problem;
  private final Meshes meshes;
  private final double[] times;
  private final int damping;
  private final Operator operator;
  private final Adi adi;
  private final StepCondition condition;
  private final double[][] u;
  private final Interpolation atVariance;
  private final Interpolation atRate;
  private final double[][] values = new double[3][];

  /**
   * @param times to expiry, from 0, at least three
   * @param damping steps that are halved and damped after the payoff and after each dividend
   */
  Solver(
      Problem problem,
      Meshes meshes,
      double[] times,
      Scheme scheme,
      EarlyExercise exercise,
      int damping) {
    this.problem = problem;
    this.meshes = meshes;
    this.times = times;
    this.damping = damping;
    int length = meshes.variance().size();
    int rows = meshes.spot().size() * meshes.rate().size();
    operator =
        new Operator(
            problem.model(), problem.expiry(), meshes.spot(), meshes.variance(), meshes.rate());
    double theta = scheme.theta(operator.dimensions(), problem.model().largestCorrelation());
    adi = new Adi(operator, scheme, theta, rows, length);
    condition = condition(exercise, rows, length);
    u = Rows.field(rows, length);
    atVariance = Interpolation.at(problem.model().variance().v0(), meshes.variance(), POINTS);
    atRate = Interpolation.at(0, meshes.rate(), POINTS);
  }

  private StepCondition condition(EarlyExercise exercise, int rows, int length) {
    if (!problem.american()) {
      return StepCondition.NONE;
    }
    Obstacle obstacle = new Obstacle(problem, meshes);
    return exercise == EarlyExercise.SPLITTING
        ? new Splitting(obstacle, rows, length)
        : new Projection(obstacle);
  }

  /** Solves. */
  Surface solve() {
    payoff();
    List<CashDividend> dividends = problem.dividends();
    DividendJump jump = dividends.isEmpty() ? null : new DividendJump(problem, meshes);
    int next = dividends.size() - 1;
    int damped = damping;
    for (int n = 1; n < times.length; n++) {
      step(times[n - 1], times[n], damped-- > 0);
      while (next >= 0 && times[n] >= problem.expiry() - dividends.get(next).time()) {
        jump.apply(dividends.get(next--), u);
        condition.afterJump(times[n], u);
        damped = damping;
      }
      if (n >= times.length - 3) {
        values[times.length - 1 - n] = line(atVariance.weights(0), atRate.weights(0));
      }
    }
    int last = times.length - 1;
    return new Surface(
        meshes.spot(),
        new double[] {times[last], times[last - 1], times[last - 2]},
        values,
        meshes.variance().size() > 1 ? line(atVariance.weights(1), atRate.weights(0)) : null,
        meshes.rate().size() > 1 ? line(atVariance.weights(0), atRate.weights(1)) : null);
  }

  private void payoff() {
    int spots = meshes.spot().size();
    for (int row = 0; row < u.length; row++) {
      double y = meshes.spot().node(row % spots);
      Arrays.fill(u[row], Math.max(problem.type().sign() * (y - 1), 0));
    }
  }

  private void step(double from, double to, boolean damped) {
    if (damped) {
      double middle = (from + to) / 2;
      operator.at((from + middle) / 2);
      adi.damp(middle - from, condition, u);
      condition.after(middle - from, middle, u);
      operator.at((middle + to) / 2);
      adi.damp(to - middle, condition, u);
      condition.after(to - middle, to, u);
    } else {
      operator.at((from + to) / 2);
      adi.step(to - from, condition, u);
      condition.after(to - from, to, u);
    }
  }

  /** A weighted sum over variance and rate, along the spot. */
  private double[] line(double[] varianceWeights, double[] rateWeights) {
    int spots = meshes.spot().size();
    double[] line = new double[spots];
    for (int i = 0; i < spots; i++) {
      for (int k = 0; k < rateWeights.length; k++) {
        double[] row = u[(atRate.first() + k) * spots + i];
        double sum = 0;
        for (int j = 0; j < varianceWeights.length; j++) {
          sum += varianceWeights[j] * row[atVariance.first() + j];
        }
        line[i] += rateWeights[k] * sum;
      }
    }
    return line;
  }
}
