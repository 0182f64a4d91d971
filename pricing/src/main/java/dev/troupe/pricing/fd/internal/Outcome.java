package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.Grid;
import dev.troupe.pricing.model.Greeks;

/** Numbers of each option of a sweep, their estimated errors, and the finest grid. */
public final class Outcome {
  private final double[][] numbers;
  private final double[] errors;
  private final Grid grid;
  private final double best;

  /**
   * @param numbers {@code [option][Reader.COUNT]}
   * @param errors of the prices, {@code [option]}
   */
  Outcome(double[][] numbers, double[] errors, Grid grid) {
    this(numbers, errors, grid, 0);
  }

  private Outcome(double[][] numbers, double[] errors, Grid grid, double best) {
    this.numbers = numbers;
    this.errors = errors;
    this.grid = grid;
    this.best = best;
  }

  /** This outcome, where the finest grid that work allows is expected to leave so much. */
  Outcome atBest(double error) {
    return new Outcome(numbers, errors, grid, error);
  }

  /** What the finest grid within the limit of work would leave; 0 if it was not looked at. */
  public double atBest() {
    return best;
  }

  double[][] numbers() {
    return numbers;
  }

  /** Price and derivatives of an option. */
  public Greeks greeks(int option) {
    double[] n = numbers[option];
    return new Greeks(
        n[Reader.PRICE],
        n[Reader.DELTA],
        n[Reader.GAMMA],
        n[Reader.VEGA],
        n[Reader.RHO],
        n[Reader.THETA]);
  }

  /** The estimated error of an option's price. */
  public double error(int option) {
    return errors[option];
  }

  /** The finest grid. */
  public Grid grid() {
    return grid;
  }

  /** The largest of the estimated errors. */
  public double largestError() {
    double largest = 0;
    for (double error : errors) {
      largest = Math.max(largest, error);
    }
    return largest;
  }
}
