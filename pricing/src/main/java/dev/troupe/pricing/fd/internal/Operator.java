package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.FdModel;

/**
 * The equation in space, {@code F = F0 + F1 + F2 + F3}: mixed derivatives, spot, variance, rate.
 * Applies any {@code m F0 + l (F1 + F2 + F3)} and solves {@code I - w Fj} along each axis.
 *
 * <p>A mixed derivative is the product of two first derivatives; those that share {@code y d/dy}
 * are summed before it acts: {@code y d/dy (c1 u_v + c2 u_x) + c3 d/dv (u_x)}.
 */
final class Operator {
  private final Mesh spot;
  private final Mesh rate;
  private final Mesh variance;
  private final Coefficients coefficients;
  private final int spots;
  private final int rates;

  private final Stencil spotVariance;
  private final Stencil varianceRate;
  private final Stencil varianceLine;
  private final Stencil rateLine;
  private final SpotLines spotLines;
  private final Tridiagonal varianceLines;
  private final Tridiagonal rateLines;

  private final double[][] slope;
  private final double[][] columns;
  private final double[] left;
  private final double[] right;
  private final double[] rateSlope;

  private double factored = Double.NaN;

  Operator(FdModel model, double expiry, Mesh spot, Mesh variance, Mesh rate) {
    this.spot = spot;
    this.rate = rate;
    this.variance = variance;
    spots = spot.size();
    rates = rate.size();
    int variances = variance.size();
    coefficients = new Coefficients(model, expiry, variance, rate);
    spotVariance = new Stencil(variances);
    varianceRate = new Stencil(variances);
    varianceLine = new Stencil(variances);
    rateLine = new Stencil(rates);
    spotLines = new SpotLines(spot, variances);
    varianceLines = new Tridiagonal(variances);
    rateLines = new Tridiagonal(rates);
    slope = Rows.field(spots, variances);
    columns = Rows.field(variances, spots);
    left = new double[variances];
    right = new double[variances];
    rateSlope = new double[variances];
    assemble();
  }

  /** Number of axes with more than one node. */
  int dimensions() {
    return 1 + (variance.size() > 1 ? 1 : 0) + (rates > 1 ? 1 : 0);
  }

  /** Takes the coefficients at so many years to expiry. */
  void at(double toExpiry) {
    if (coefficients.changing()) {
      coefficients.at(toExpiry);
      assemble();
      factored = Double.NaN;
    }
  }

  private void assemble() {
    Coefficients c = coefficients;
    int top = variance.size() - 1;
    for (int j = 0; j <= top; j++) {
      varianceLine.combine(
          j, c.varianceDrift[j], variance.first(), c.varianceDiffusion[j], variance.second());
      // Mixed derivatives vanish at variance 0 and are left out at its far end.
      if (j > 0 && j < top) {
        spotVariance.combine(j, c.spotVariance[j], variance.first(), 0, variance.second());
        varianceRate.combine(j, c.varianceRate[j], variance.first(), 0, variance.second());
      }
    }
    for (int k = 0; k < rates; k++) {
      rateLine.combine(k, c.rateDrift[k], rate.first(), c.rateDiffusion, rate.second());
    }
  }

  /** {@code out += mixed F0 u + lines (F1 + F2 + F3) u}. */
  void apply(double mixed, double lines, double[][] u, double[][] out) {
    for (int k = 0; k < rates; k++) {
      for (int i = 0; i < spots; i++) {
        alongVariance(mixed, lines, u, out, k, i);
      }
      alongSpot(mixed, lines, u, out, k * spots);
    }
  }

  /**
   * What needs neighbours in variance and rate: F2, F3, {@code c3 u_vx}; keeps the slope for F0.
   */
  private void alongVariance(
      double mixed, double lines, double[][] u, double[][] out, int k, int i) {
    int row = k * spots + i;
    double[] here = u[row];
    double[] result = out[row];
    if (here.length > 1) {
      Rows.neighbours(here, left, right);
      Rows.along(slope[i], spotVariance, left, here, right);
      if (lines != 0) {
        Rows.addAlong(result, lines, varianceLine, left, here, right);
        result[0] += lines * varianceLine.far * here[2];
      }
    }
    if (rates > 1) {
      alongRate(mixed, lines, u, result, k, i);
    }
  }

  private void alongRate(double mixed, double lines, double[][] u, double[] result, int k, int i) {
    double[] here = u[k * spots + i];
    double[] down = u[Math.max(k - 1, 0) * spots + i];
    double[] up = u[Math.min(k + 1, rates - 1) * spots + i];
    if (lines != 0) {
      Rows.add3(
          result,
          lines * rateLine.lower[k],
          down,
          lines * rateLine.centre[k],
          here,
          lines * rateLine.upper[k],
          up);
    }
    Stencil d = rate.first();
    Rows.sum3(rateSlope, d.lower[k], down, d.centre[k], here, d.upper[k], up);
    if (here.length > 1) {
      Rows.addProduct(slope[i], coefficients.spotRate, rateSlope);
      Rows.neighbours(rateSlope, left, right);
      Rows.addAlong(result, mixed, varianceRate, left, rateSlope, right);
    } else {
      slope[i][0] = coefficients.spotRate[0] * rateSlope[0];
    }
  }

  /** F1 and {@code y d/dy} of the slope. */
  private void alongSpot(double mixed, double lines, double[][] u, double[][] out, int first) {
    for (int i = 1; i < spots - 1; i++) {
      double y = spot.node(i);
      Stencil d2 = spot.second();
      int row = first + i;
      if (lines != 0) {
        double a = lines * y * y / 2;
        Rows.addWeighted(
            out[row],
            coefficients.spot,
            a * d2.lower[i],
            u[row - 1],
            a * d2.centre[i],
            u[row],
            a * d2.upper[i],
            u[row + 1]);
      }
      if (dimensions() > 1) {
        Stencil d1 = spot.first();
        double b = mixed * y;
        Rows.add3(
            out[row],
            b * d1.lower[i],
            slope[i - 1],
            b * d1.centre[i],
            slope[i],
            b * d1.upper[i],
            slope[i + 1]);
      }
    }
  }

  /** Prepares {@link #solve} for {@code I - weight Fj}. */
  void factor(double weight) {
    if (weight == factored) {
      return;
    }
    spotLines.factor(weight, coefficients.spot);
    varianceLines.factor(weight, varianceLine);
    rateLines.factor(weight, rateLine);
    factored = weight;
  }

  /** {@code (I - w F3) (I - w F2) (I - w F1) x = x}, in place. */
  void solve(double[][] x) {
    for (int k = 0; k < rates; k++) {
      spotLines.solve(x, k * spots);
      if (variance.size() > 1) {
        Rows.gather(x, k * spots, columns);
        varianceLines.solve(columns, 0, 1);
        Rows.scatter(columns, x, k * spots);
      }
    }
    if (rates > 1) {
      for (int i = 0; i < spots; i++) {
        rateLines.solve(x, i, spots);
      }
    }
  }
}
