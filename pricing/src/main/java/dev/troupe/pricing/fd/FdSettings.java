package dev.troupe.pricing.fd;

/**
 * How prices are computed.
 *
 * @param scheme of the time steps
 * @param grid its size, or, with a tolerance, the first one tried
 * @param tolerance absolute error of each price, by estimate: the grid is refined until it is met;
 *     0 takes the grid as it is
 * @param maxWork nodes times steps that no grid may pass
 * @param exercise how early exercise is kept
 * @param damping steps after the payoff that are halved and damped
 * @param richardson whether prices are extrapolated from the grid and one half as fine
 * @param control when prices are freed of a known error of the same grid
 * @param spacing of the nodes in variance and short rate
 */
public record FdSettings(
    Scheme scheme,
    Grid grid,
    double tolerance,
    long maxWork,
    EarlyExercise exercise,
    int damping,
    boolean richardson,
    ControlVariate control,
    Spacing spacing) {

  /** Modified Craig-Sneyd, two damped steps, extrapolated, to 1e-3. */
  public static final FdSettings DEFAULT =
      new FdSettings(
          Scheme.MODIFIED_CRAIG_SNEYD,
          new Grid(64, 32, 8, 16),
          1e-3,
          2_000_000_000L,
          EarlyExercise.SPLITTING,
          2,
          true,
          ControlVariate.RATE_AXIS,
          Spacing.SINH);

  /**
   * @throws IllegalArgumentException if a value is outside its range
   */
  public FdSettings {
    if (!(tolerance >= 0)) {
      throw new IllegalArgumentException("tolerance: " + tolerance + " (expected: >= 0)");
    }
    if (maxWork < 1) {
      throw new IllegalArgumentException("maxWork: " + maxWork + " (expected: >= 1)");
    }
    if (damping < 0) {
      throw new IllegalArgumentException("damping: " + damping + " (expected: >= 0)");
    }
  }

  /** With another scheme. */
  public FdSettings with(Scheme other) {
    return new FdSettings(
        other, grid, tolerance, maxWork, exercise, damping, richardson, control, spacing);
  }

  /** On just this grid. */
  public FdSettings on(Grid other) {
    return new FdSettings(
        scheme, other, 0, maxWork, exercise, damping, richardson, control, spacing);
  }

  /** To this error. */
  public FdSettings to(double error) {
    if (!(error > 0)) {
      throw new IllegalArgumentException("tolerance: " + error + " (expected: > 0)");
    }
    return new FdSettings(
        scheme, grid, error, maxWork, exercise, damping, richardson, control, spacing);
  }

  /** Within this many nodes times steps. */
  public FdSettings within(long work) {
    return new FdSettings(
        scheme, grid, tolerance, work, exercise, damping, richardson, control, spacing);
  }

  /** With another treatment of early exercise. */
  public FdSettings with(EarlyExercise other) {
    return new FdSettings(
        scheme, grid, tolerance, maxWork, other, damping, richardson, control, spacing);
  }

  /** With or without extrapolation, and control variates wherever there are any, or nowhere. */
  public FdSettings improved(boolean byRichardson, boolean byControl) {
    ControlVariate use = byControl ? ControlVariate.ALWAYS : ControlVariate.NONE;
    return new FdSettings(
        scheme, grid, tolerance, maxWork, exercise, damping, byRichardson, use, spacing);
  }

  /** With other places of the nodes. */
  public FdSettings with(Spacing other) {
    return new FdSettings(
        scheme, grid, tolerance, maxWork, exercise, damping, richardson, control, other);
  }
}
