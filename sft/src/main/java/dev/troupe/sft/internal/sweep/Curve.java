package dev.troupe.sft.internal.sweep;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Store;
import dev.troupe.core.report.Plot;
import dev.troupe.sft.internal.LearningCurve;
import dev.troupe.sft.internal.LearningCurve.Point;
import java.util.List;
import java.util.Optional;

/** Loss and gradient norm of a run against samples seen. */
record Curve(List<Point> points, int batch) {

  static Curve of(Store store, BlobRef history, int batch) {
    return new Curve(LearningCurve.of(store.get(history)), batch);
  }

  double firstLoss() {
    return points.get(0).loss();
  }

  /**
   * The run at a rung.
   *
   * @param since the step of the rung before
   * @param warmup steps that say little of the rest
   */
  RungResult at(long step, long since, int warmup, Optional<Double> heldOut) {
    List<Point> past = points.stream().filter(p -> p.step() > warmup).toList();
    past = past.isEmpty() ? points : past;
    List<Point> recent = points.stream().filter(p -> p.step() > since).toList();
    return new RungResult(
        step,
        step * batch,
        past.stream().mapToDouble(Point::gradNorm).average().orElse(Double.NaN),
        past.stream().mapToDouble(Point::loss).average().orElse(Double.NaN),
        recent.stream().mapToDouble(Point::loss).average().orElse(Double.NaN),
        heldOut);
  }

  Plot.Line losses(String name) {
    return new Plot.Line(name, samples(), points.stream().map(Point::loss).toList());
  }

  Plot.Line gradNorms(String name) {
    return new Plot.Line(name, samples(), points.stream().map(Point::gradNorm).toList());
  }

  private List<Double> samples() {
    return points.stream().map(p -> (double) p.step() * batch).toList();
  }
}
