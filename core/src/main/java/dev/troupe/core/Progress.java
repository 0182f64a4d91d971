package dev.troupe.core;

import java.util.Map;

/**
 * Where a job tells how far it is. Cheap to call often: what comes faster than it can be shown is
 * thinned out.
 */
@FunctionalInterface
public interface Progress {

  /**
   * @param phase what is being done, as in {@code train}
   * @param done units done
   * @param total units in all, 0 if unknown
   * @param metrics named figures, as in {@code loss}; shown in the map's order. {@code secondsLeft}
   *     is the job's own guess of how long all of it still takes: it is shown in place of the time
   *     that the phase takes at its recent pace
   */
  void report(String phase, long done, long total, Map<String, Double> metrics);

  /** As {@link #report(String, long, long, Map)}, without figures. */
  default void report(String phase, long done, long total) {
    report(phase, done, total, Map.of());
  }
}
