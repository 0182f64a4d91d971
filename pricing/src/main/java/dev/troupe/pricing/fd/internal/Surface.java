package dev.troupe.pricing.fd.internal;

/** What a sweep leaves: values along the spot at today's variance and rate. */
final class Surface {
  /** The mesh they are on. */
  final Mesh spot;

  /** Now and the two times to come, years to expiry, {@code [3]}. */
  final double[] times;

  /** Values at those times, {@code [3][spot]}. */
  final double[][] values;

  /** By variance, now; null where variance has no mesh. */
  final double[] varianceSlope;

  /** By the state of the rate, now; null where the rate has no mesh. */
  final double[] rateSlope;

  Surface(
      Mesh spot, double[] times, double[][] values, double[] varianceSlope, double[] rateSlope) {
    this.spot = spot;
    this.times = times;
    this.values = values;
    this.varianceSlope = varianceSlope;
    this.rateSlope = rateSlope;
  }
}
