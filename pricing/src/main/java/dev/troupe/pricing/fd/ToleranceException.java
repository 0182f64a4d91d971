package dev.troupe.pricing.fd;

/** No grid within the limit met the asked error. */
public final class ToleranceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final double estimate;

  ToleranceException(double tolerance, double estimate, Grid grid, long limit) {
    super(
        String.format(
            "tolerance: %.3g (expected: >= %.2g, the error estimated on the finest grid, %d x %d x"
                + " %d nodes, %d steps; a finer one would pass maxWork, %d nodes times steps: raise"
                + " that or the tolerance)",
            tolerance, estimate, grid.spot(), grid.variance(), grid.rate(), grid.steps(), limit));
    this.estimate = estimate;
  }

  /** The error that was reached. */
  public double estimate() {
    return estimate;
  }
}
