package dev.troupe.sft.internal;

/** Splits a stretch of time into laps. */
final class Stopwatch {

  private long last = System.nanoTime();

  void restart() {
    last = System.nanoTime();
  }

  /** Seconds since the lap before, or the start. */
  double lap() {
    long before = last;
    last = System.nanoTime();
    return (last - before) / 1e9;
  }
}
