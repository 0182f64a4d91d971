package dev.troupe.pricing.analytic;

import dev.troupe.pricing.model.Option;

/** What all formulas here ask of their arguments. */
final class Analytic {
  private Analytic() {}

  static void check(Option option, double spot) {
    if (option.exercise() != Option.Exercise.EUROPEAN) {
      throw new IllegalArgumentException(
          "exercise: american (expected: european; an early right has no closed form, price it by"
              + " finite differences)");
    }
    if (!(spot > 0 && Double.isFinite(spot))) {
      throw new IllegalArgumentException("s0: " + spot + " (expected: > 0)");
    }
  }
}
