package dev.troupe.pricing.model;

/** Checks of single numbers; each message names the field, the value and what was expected. */
final class Require {
  private Require() {}

  static void finite(String field, double value) {
    check(Double.isFinite(value), field, value, "a finite number");
  }

  static void above(String field, double value, double bound) {
    check(value > bound && Double.isFinite(value), field, value, "> " + bound);
  }

  static void atLeast(String field, double value, double bound) {
    check(value >= bound && Double.isFinite(value), field, value, ">= " + bound);
  }

  static void within(String field, double value, double low, double high) {
    check(value >= low && value <= high, field, value, "in [" + low + ", " + high + "]");
  }

  private static void check(boolean right, String field, double value, String expected) {
    if (!right) {
      throw new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
    }
  }
}
