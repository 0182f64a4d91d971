package dev.troupe.sft.internal.sweep;

import dev.troupe.sft.internal.sweep.Race.Runner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;

/** What a sweep comes to. */
final class SweepSummary {

  /** How well a figure at a rung told the final order, -1 to 1. */
  record Prediction(
      double part,
      int settings,
      OptionalDouble gradNorm,
      OptionalDouble higherLoss,
      OptionalDouble lowerLoss,
      OptionalDouble heldOut) {}

  /** A setting in the final order. */
  record Place(int place, int trial, String settings, String outcome, long samples, double score) {}

  private final Race race;

  SweepSummary(Race race) {
    this.race = race;
  }

  /** Those that were trained to the end, the best first; then the others, the furthest first. */
  List<Place> ranking() {
    List<Runner> order =
        race.runners().stream()
            .sorted(
                Comparator.comparing((Runner r) -> r.diverged().isPresent())
                    .thenComparing(
                        Comparator.comparingInt((Runner r) -> r.results().size()).reversed())
                    .thenComparingDouble(r -> r.last().score())
                    .thenComparing(r -> r.trial().number()))
            .toList();
    List<Place> places = new ArrayList<>();
    for (Runner runner : order) {
      places.add(
          new Place(
              places.size() + 1,
              runner.trial().number(),
              runner.trial().settings(),
              outcome(runner),
              runner.samples(),
              runner.last().score()));
    }
    return places;
  }

  private String outcome(Runner runner) {
    if (runner.diverged().isPresent()) {
      return "diverged";
    }
    String advice =
        runner.hopelessAt() < 0
            ? ""
            : "given up after %.0f %%".formatted(100 * race.rungs().get(runner.hopelessAt()));
    if (!race.atEnd(runner)) {
      return advice;
    }
    return advice.isEmpty() ? "trained" : "trained, but " + advice;
  }

  /** Part of all samples that was not trained. */
  double saved() {
    return 1 - share(Runner::samples);
  }

  /** The same if what was given up had been stopped there. */
  double savedIfEnforced() {
    return 1
        - share(r -> r.hopelessAt() < 0 ? r.samples() : r.results().get(r.hopelessAt()).samples());
  }

  private double share(ToDoubleFunction<Runner> samples) {
    double all =
        race.runners().stream().mapToDouble(r -> r.trial().steps() * r.trial().batch()).sum();
    return race.runners().stream().mapToDouble(samples).sum() / all;
  }

  /** For each rung before the end, over the trials that were trained to the end. */
  List<Prediction> predictions() {
    List<Runner> finished =
        race.runners().stream().filter(r -> r.diverged().isEmpty() && race.atEnd(r)).toList();
    List<Prediction> predictions = new ArrayList<>();
    for (int rung = 0; rung + 1 < race.rungs().size(); rung++) {
      int at = rung;
      boolean measured = finished.stream().allMatch(r -> r.results().get(at).heldOut().isPresent());
      predictions.add(
          new Prediction(
              race.rungs().get(rung),
              finished.size(),
              correlation(finished, r -> r.results().get(at).gradNorm()),
              correlation(finished, r -> -r.results().get(at).loss()),
              correlation(finished, r -> r.results().get(at).recentLoss()),
              measured
                  ? correlation(finished, r -> r.results().get(at).heldOut().orElseThrow())
                  : OptionalDouble.empty()));
    }
    return predictions;
  }

  private static OptionalDouble correlation(List<Runner> finished, ToDoubleFunction<Runner> early) {
    return Spearman.correlation(
        finished.stream().mapToDouble(early).toArray(),
        finished.stream().mapToDouble(r -> r.last().score()).toArray());
  }
}
