package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.model.Option;

/**
 * Reads prices and Greeks of options from a sweep, as {@code {price, delta, gamma, vega, rho,
 * theta}}; NaN where the sweep's meshes do not hold the derivative.
 */
final class Reader {
  /** Order of the numbers. */
  static final int PRICE = 0;

  static final int DELTA = 1;
  static final int GAMMA = 2;
  static final int VEGA = 3;
  static final int RHO = 4;
  static final int THETA = 5;

  /** How many numbers. */
  static final int COUNT = 6;

  private static final int POINTS = 6;

  private final Problem problem;
  private final Surface surface;
  private final double spot;

  Reader(Problem problem, Surface surface, double spot) {
    this.problem = problem;
    this.surface = surface;
    this.spot = spot;
  }

  /** The option of this strike; one of the other type by parity, which the sweep keeps exactly. */
  double[] read(double strike, Option.Type type) {
    int parity = type == problem.type() ? 0 : type.sign();
    ShortRate rate = problem.model().rate();
    double[] greeks = new double[COUNT];
    double[] prices = new double[3];
    for (int n = 0; n < prices.length; n++) {
      double bond = rate.bond(problem.expiry() - surface.times[n], problem.expiry(), 0);
      double y = forward(n, bond) / strike;
      double u = at(y).apply(0, surface.values[n]) + parity * (y - 1);
      prices[n] = strike * bond * u;
    }
    double bond = rate.bond(0, problem.expiry(), 0);
    double y = forward(0, bond) / strike;
    Interpolation at = at(y);
    double[] now = surface.values[0];
    double carry = Math.exp(-problem.dividendYield() * problem.expiry());
    double slope = at.apply(1, now) + parity;
    greeks[PRICE] = prices[0];
    greeks[DELTA] = carry * slope;
    greeks[GAMMA] = carry * carry / (strike * bond) * at.apply(2, now);
    greeks[VEGA] = vega(strike * bond, at);
    double u = prices[0] / (strike * bond);
    greeks[RHO] = rho(strike * bond, at, y * slope - u);
    greeks[THETA] = theta(prices) - (rate.drift() == 0 ? 0 : rate.drift() * greeks[RHO]);
    return greeks;
  }

  private double forward(int level, double bond) {
    return spot * Math.exp(-problem.dividendYield() * surface.times[level]) / bond;
  }

  private Interpolation at(double y) {
    return Interpolation.at(y, surface.spot, POINTS);
  }

  private double vega(double unit, Interpolation at) {
    return surface.varianceSlope == null
        ? Double.NaN
        : 2
            * Math.sqrt(problem.model().variance().v0())
            * unit
            * at.apply(0, surface.varianceSlope);
  }

  /** By the rate's state: bonds fall by B, the forward rises by B. */
  private double rho(double unit, Interpolation at, double leverage) {
    ShortRate rate = problem.model().rate();
    if (surface.rateSlope != null) {
      return unit * (rate.duration(problem.expiry()) * leverage + at.apply(0, surface.rateSlope));
    }
    if (problem.american() || !problem.dividends().isEmpty()) {
      return Double.NaN;
    }
    double years = rate.stochastic() ? rate.duration(problem.expiry()) : problem.expiry();
    return unit * years * leverage;
  }

  private double theta(double[] prices) {
    double now = surface.times[0];
    double[] ahead = {0, now - surface.times[1], now - surface.times[2]};
    double[] weights = Interpolation.weights(0, ahead)[1];
    double sum = 0;
    for (int n = 0; n < prices.length; n++) {
      sum += weights[n] * prices[n];
    }
    return sum;
  }
}
