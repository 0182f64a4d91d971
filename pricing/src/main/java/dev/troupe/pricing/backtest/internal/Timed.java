package dev.troupe.pricing.backtest.internal;

/** The result of a task that says how long the task took. */
interface Timed {

  /** From its start to its end, on its worker. */
  double seconds();
}
