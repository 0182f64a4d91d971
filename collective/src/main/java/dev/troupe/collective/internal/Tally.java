package dev.troupe.collective.internal;

import dev.troupe.core.Communicator.Stats;

/** Counts for {@link dev.troupe.core.Communicator#stats}. */
final class Tally {
  private long operations;
  private long bytes;
  private long nanos;

  synchronized void done() {
    operations++;
  }

  synchronized void reduced(long newBytes, long newNanos) {
    bytes += newBytes;
    nanos += newNanos;
  }

  synchronized Stats stats() {
    return new Stats(operations, bytes, nanos / 1e9);
  }
}
