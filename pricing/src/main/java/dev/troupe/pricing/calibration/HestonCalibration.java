package dev.troupe.pricing.calibration;

import dev.troupe.pricing.calibration.internal.HestonSurface;
import dev.troupe.pricing.model.Heston;
import java.util.Comparator;
import java.util.List;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresBuilder;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresOptimizer.Optimum;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresProblem;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LevenbergMarquardtOptimizer;
import org.hipparchus.util.Pair;

/**
 * Fits Heston's parameters to a surface of implied volatilities: least squares of the volatilities'
 * errors by Levenberg and Marquardt's method with the gradient in closed form. Parameters are kept
 * within bounds by a logistic map, so the search itself has none; it starts from several places,
 * since the error has long flat valleys (speed against volatility of variance), and the best end is
 * taken. The same quotes and starts give the same bits.
 */
public final class HestonCalibration {

  private static final double[] LOWEST = {1e-5, 1e-2, 1e-5, 1e-2, -0.999};
  private static final double[] HIGHEST = {4, 50, 4, 10, 0.999};
  private static final int MOST_EVALUATIONS = 200;
  private static final double TOLERANCE = 1e-9;

  private HestonCalibration() {}

  /**
   * Fits from starts that the surface suggests.
   *
   * @throws IllegalArgumentException if there are fewer quotes than parameters
   */
  public static HestonFit fit(List<VolQuote> quotes) {
    check(quotes);
    double near = variance(quotes, Comparator.comparingDouble(VolQuote::expiry));
    double far = variance(quotes, Comparator.comparingDouble(VolQuote::expiry).reversed());
    return fit(
        quotes,
        List.of(
            new Heston(near, 1.5, far, 0.5, -0.6),
            new Heston(near, 5, far, 1, -0.6),
            new Heston(near, 0.5, far, 0.3, 0)));
  }

  /**
   * Fits from the given starts, as from yesterday's parameters.
   *
   * @throws IllegalArgumentException if there are fewer quotes than parameters, or no start
   */
  public static HestonFit fit(List<VolQuote> quotes, List<Heston> starts) {
    check(quotes);
    if (starts.isEmpty()) {
      throw new IllegalArgumentException("starts: none (expected: at least one)");
    }
    HestonSurface surface = new HestonSurface(quotes);
    Optimum best = null;
    int evaluations = 0;
    for (Heston start : starts) {
      Optimum end = search(surface, start);
      evaluations += end.getEvaluations();
      if (best == null || end.getCost() < best.getCost()) {
        best = end;
      }
    }
    return new HestonFit(heston(best.getPoint()), best.getRMS(), evaluations);
  }

  private static void check(List<VolQuote> quotes) {
    if (quotes.size() < HestonSurface.PARAMETERS) {
      throw new IllegalArgumentException(
          "quotes: %d (expected: at least %d, as many as parameters)"
              .formatted(quotes.size(), HestonSurface.PARAMETERS));
    }
  }

  /** Of the quote nearest the money among those of the first expiry in this order. */
  private static double variance(List<VolQuote> quotes, Comparator<VolQuote> order) {
    double expiry = quotes.stream().min(order).orElseThrow().expiry();
    double vol =
        quotes.stream()
            .filter(q -> q.expiry() == expiry)
            .min(Comparator.comparingDouble(q -> Math.abs(Math.log(q.strike() / q.forward()))))
            .orElseThrow()
            .vol();
    return vol * vol;
  }

  private static Optimum search(HestonSurface surface, Heston start) {
    LeastSquaresProblem problem =
        new LeastSquaresBuilder()
            .start(unbounded(start))
            .target(new double[surface.size()])
            .model(point -> errors(surface, point))
            .checker(
                (iteration, previous, current) ->
                    Math.abs(previous.getCost() - current.getCost())
                        <= TOLERANCE * current.getCost())
            .maxEvaluations(Integer.MAX_VALUE)
            .maxIterations(MOST_EVALUATIONS)
            .build();
    return new LevenbergMarquardtOptimizer().optimize(problem);
  }

  private static Pair<RealVector, RealMatrix> errors(HestonSurface surface, RealVector point) {
    double[] errors = new double[surface.size()];
    double[][] gradients = new double[surface.size()][HestonSurface.PARAMETERS];
    surface.errors(heston(point), errors, gradients);
    for (double[] gradient : gradients) {
      for (int j = 0; j < gradient.length; j++) {
        double share = logistic(point.getEntry(j));
        gradient[j] *= (HIGHEST[j] - LOWEST[j]) * share * (1 - share);
      }
    }
    return new Pair<>(
        new ArrayRealVector(errors, false), new Array2DRowRealMatrix(gradients, false));
  }

  private static Heston heston(RealVector point) {
    double[] p = new double[HestonSurface.PARAMETERS];
    for (int j = 0; j < p.length; j++) {
      p[j] = LOWEST[j] + (HIGHEST[j] - LOWEST[j]) * logistic(point.getEntry(j));
    }
    return new Heston(p[0], p[1], p[2], p[3], p[4]);
  }

  private static double[] unbounded(Heston heston) {
    double[] p = {heston.v0(), heston.kappa(), heston.theta(), heston.sigma(), heston.rho()};
    for (int j = 0; j < p.length; j++) {
      double share = (p[j] - LOWEST[j]) / (HIGHEST[j] - LOWEST[j]);
      double inside = Math.min(Math.max(share, 1e-6), 1 - 1e-6);
      p[j] = Math.log(inside / (1 - inside));
    }
    return p;
  }

  private static double logistic(double z) {
    return 1 / (1 + Math.exp(-z));
  }
}
