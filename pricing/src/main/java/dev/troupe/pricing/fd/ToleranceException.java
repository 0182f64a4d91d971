package dev.troupe.pricing.fd;

import dev.troupe.pricing.fd.internal.Outcome;

/** No grid within the limit meets the asked error. */
public final class ToleranceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final double estimate;

  ToleranceException(FdSettings settings, Outcome outcome) {
    super(message(settings, outcome, outcome.grid()));
    estimate = outcome.largestError();
  }

  private static String message(FdSettings settings, Outcome outcome, Grid grid) {
    String size =
        "%d x %d x %d nodes and %d steps"
            .formatted(grid.spot(), grid.variance(), grid.rate(), grid.steps());
    String limit = "maxWork, %d nodes times steps".formatted(settings.maxWork());
    String wanted =
        outcome.atBest() > 0
            ? "%.1e, at best, on the finest grid within %s, judging by %s, whose error is estimated as %.1e"
                .formatted(outcome.atBest(), limit, size, outcome.largestError())
            : "%.1e, the error estimated on %s; a finer grid would pass %s"
                .formatted(outcome.largestError(), size, limit);
    return "tolerance: %.1e (expected: >= %s; set it larger)"
        .formatted(settings.tolerance(), wanted);
  }

  /** The error that was reached, by estimate. */
  public double estimate() {
    return estimate;
  }
}
