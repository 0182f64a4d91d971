package dev.troupe.collective.internal;

import java.util.concurrent.locks.LockSupport;

/**
 * Waits for a change in shared memory, for which Java has no system call: spins for a moment, since
 * peers mostly arrive together; then gives its core to whoever has work, for there may be more
 * ranks than cores; then sleeps, ever longer. A long wait costs under a hundredth of a core.
 */
final class Waiter {
  private static final long SPIN = 5_000;
  private static final long YIELD = 200_000;
  private static final long SHORT_WAIT = 10_000_000;
  private static final long SHORT_NAP = 50_000;
  private static final long LONG_NAP = 500_000;

  private final Control control;
  private final Fate fate;
  private long since;
  private int turns;

  Waiter(Control control, Fate fate) {
    this.control = control;
    this.fate = fate;
  }

  /** A wait begins. */
  void begin() {
    turns = 0;
  }

  /** A little time passes, or the generation is over and this throws. */
  @SuppressWarnings("ThreadPriorityCheck") // the caller polls a flag; yielding is for speed alone
  void pause() {
    fate.check();
    if (turns++ < 20) {
      if (turns == 1) {
        since = System.nanoTime();
      }
      Thread.onSpinWait();
      return;
    }
    long waited = System.nanoTime() - since;
    if (waited < SPIN) {
      Thread.onSpinWait();
    } else if (waited < YIELD) {
      Thread.yield();
    } else {
      control.watch(since);
      LockSupport.parkNanos(waited < SHORT_WAIT ? SHORT_NAP : LONG_NAP);
    }
  }
}
