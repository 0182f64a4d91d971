package dev.troupe.pricing.fd;

/**
 * Alternating-direction implicit schemes, each with the parameters in use for it: {@code theta}
 * weighs the implicit lines, the mixed derivatives stay explicit. All but Douglas are of second
 * order in time with mixed derivatives; Douglas falls to the first order there.
 *
 * <p>Source: in 't Hout and Foulon (2010), ADI finite difference schemes for option pricing in the
 * Heston model with correlation; in 't Hout and Welfert (2009) for the bounds of {@code theta}.
 */
public enum Scheme {
  DOUGLAS,
  CRAIG_SNEYD,
  MODIFIED_CRAIG_SNEYD,
  HUNDSDORFER_VERWER;

  /**
   * Weight of the implicit part.
   *
   * @param dimensions of space, 1 to 3
   * @param correlation largest absolute correlation of two factors
   */
  public double theta(int dimensions, double correlation) {
    return switch (this) {
      case DOUGLAS -> dimensions == 3 ? 2.0 / 3 : 0.5;
      case CRAIG_SNEYD -> 0.5;
      case MODIFIED_CRAIG_SNEYD -> modified(dimensions, correlation);
      case HUNDSDORFER_VERWER -> 0.5 + Math.sqrt(3) / 6;
    };
  }

  private static double modified(int dimensions, double correlation) {
    if (dimensions == 1) {
      return 0.5;
    }
    return dimensions == 2 ? 1.0 / 3 : Math.max(1.0 / 3, 2.0 / 13 * (2 * correlation + 1));
  }
}
