package dev.troupe.pricing.fd;

/** How a step keeps an American price at or above what exercise brings. */
public enum EarlyExercise {
  /**
   * Operator splitting: a multiplier carries the premium of exercise from step to step (Ikonen and
   * Toivanen 2004).
   */
  SPLITTING,
  /** The larger of continuation and exercise after each step: simple, first order in time. */
  PROJECTION
}
