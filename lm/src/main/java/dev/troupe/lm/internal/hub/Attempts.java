package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubException;
import dev.troupe.lm.HubListener;
import dev.troupe.lm.HubSettings.Limits;
import java.io.IOException;
import java.time.Duration;

/** Tries again after failures that may pass, with growing pauses, a bounded number of times. */
final class Attempts {

  /** Something to try. */
  @FunctionalInterface
  interface Attempt<T> {
    T run() throws TryAgainException, IOException, InterruptedException;
  }

  private final Limits limits;
  private final HubListener listener;

  Attempts(Limits limits, HubListener listener) {
    this.limits = limits;
    this.listener = listener;
  }

  /**
   * Runs {@code attempt} until it succeeds.
   *
   * @throws HubException the last failure, once there were too many in a row, or the hub asks for a
   *     longer pause than is waited for
   * @throws IOException of the attempt itself: files, not the network
   */
  <T> T run(Attempt<T> attempt) throws IOException, InterruptedException {
    int failures = 0;
    while (true) {
      try {
        return attempt.run();
      } catch (TryAgainException e) {
        failures = e.progressed() ? 1 : failures + 1;
        Duration pause = pause(e, failures);
        if (pause.compareTo(limits.longestPause()) > 0) {
          throw new HubException(
              "%s; it asks for a pause of %d s".formatted(e.getMessage(), pause.toSeconds()),
              true,
              e);
        } else if (failures >= limits.attempts()) {
          throw new HubException(e.getMessage() + times(failures), true, e);
        }
        listener.say("%s; again in %.1f s".formatted(e.getMessage(), pause.toMillis() / 1e3));
        Thread.sleep(pause.toMillis());
      }
    }
  }

  private Duration pause(TryAgainException failure, int failures) {
    if (!failure.asked().isZero()) {
      return failure.asked();
    }
    Duration doubled = limits.firstPause().multipliedBy(1L << Math.min(failures - 1, 20));
    return doubled.compareTo(limits.longestPause()) > 0 ? limits.longestPause() : doubled;
  }

  private static String times(int failures) {
    return failures > 1 ? " (" + failures + " times in a row)" : "";
  }
}
