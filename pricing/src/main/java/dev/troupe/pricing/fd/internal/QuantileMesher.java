package dev.troupe.pricing.fd.internal;

import dev.troupe.pricing.fd.ShortRate;
import dev.troupe.pricing.model.Heston;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.hipparchus.distribution.continuous.NormalDistribution;

/**
 * Meshes of variance and short rate at quantiles of their laws at ten times up to the expiry, as
 * QuantLib's {@code FdmHestonVarianceMesher} and {@code FdmSimpleProcess1dMesher} choose them.
 */
final class QuantileMesher {
  private static final int TIMES = 10;

  /** Probability beyond the outer nodes. */
  private static final double TAIL = 1e-4;

  /** Least distance of nodes, as a share of the range over their number. */
  private static final double LEAST_STEP = 0.02;

  /** Beyond this a law is so narrow that its series is long and a smooth mesh as good. */
  private static final double NARROW = 1e4;

  private record Point(double value, double probability) {}

  private QuantileMesher() {}

  /** Variance, with a node at 0 and one where it is now. */
  static Mesh variance(int intervals, Heston model, double expiry) {
    double first = centre(model, expiry / TIMES);
    if (model.sigma() == 0 || model.theta() == 0 || first > NARROW) {
      return Mesher.variance(intervals, model, expiry);
    }
    List<Point> points = new ArrayList<>();
    for (int l = 1; l <= TIMES; l++) {
      add(points, intervals + 1, model, expiry * l / TIMES);
    }
    points.sort(Comparator.comparingDouble(Point::value));
    double[] nodes = new double[intervals + 1];
    for (int j = 0; j < nodes.length; j++) {
      for (Point point : points.subList(j * TIMES, (j + 1) * TIMES)) {
        nodes[j] += point.value() / TIMES;
      }
    }
    moveNearest(nodes, model.v0());
    return new Mesh(nodes, Boundary.DEGENERATE, Boundary.LINEAR);
  }

  private static double centre(Heston model, double time) {
    double spread = -Math.expm1(-model.kappa() * time);
    double decay = Math.exp(-model.kappa() * time);
    return 4 * model.kappa() * decay / (model.sigma() * model.sigma() * spread) * model.v0();
  }

  /** Nodes of equal shares of what probability is left, from 0. */
  private static void add(List<Point> points, int size, Heston model, double time) {
    double sigma2 = model.sigma() * model.sigma();
    double scale = sigma2 * -Math.expm1(-model.kappa() * time) / (4 * model.kappa());
    NonCentralChiSquare law =
        new NonCentralChiSquare(4 * model.theta() * model.kappa() / sigma2, centre(model, time));
    double most = Math.max(model.v0(), scale * law.quantile(1 - TAIL));
    double least = LEAST_STEP * most / size;
    double value = 0;
    double probability = 0;
    points.add(new Point(0, TAIL));
    for (int i = 1; i < size; i++) {
      double next = probability + (1 - TAIL - probability) / (size - i);
      value = Math.max(value + least, scale * law.quantile(next));
      probability = law.cumulative(value / scale);
      points.add(new Point(value, probability));
    }
  }

  private static void moveNearest(double[] nodes, double value) {
    for (int i = 1; i < nodes.length; i++) {
      if (nodes[i - 1] <= value && value <= nodes[i]) {
        boolean left = value - nodes[i - 1] < nodes[i] - value && (i > 1 || value == 0);
        nodes[left ? i - 1 : i] = value;
        return;
      }
    }
  }

  /** State of the short rate around 0, where it is now; an odd number of nodes. */
  static Mesh rate(int intervals, ShortRate rate, double expiry) {
    double deviation = 0;
    for (int l = 1; l <= TIMES; l++) {
      double time = expiry * l / TIMES;
      deviation +=
          rate.vol()
              * Math.sqrt(-Math.expm1(-2 * rate.speed() * time) / (2 * rate.speed()))
              / TIMES;
    }
    NormalDistribution normal = new NormalDistribution(0, deviation);
    int half = intervals / 2;
    double[] nodes = new double[2 * half + 1];
    for (int k = 1; k <= half; k++) {
      nodes[half + k] = normal.inverseCumulativeProbability(0.5 + (0.5 - TAIL) * k / half);
      nodes[half - k] = -nodes[half + k];
    }
    return new Mesh(nodes, Boundary.LINEAR, Boundary.LINEAR);
  }
}
