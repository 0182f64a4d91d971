package dev.troupe.coordinator.internal;

import java.util.HashMap;
import java.util.Map;

/**
 * How far a gang has ever been in each of its phases, and whether its generation has got further:
 * to repeat what an earlier one did before its end is no advance.
 */
final class FurthestProgress {

  /** Phases beyond these count for nothing. */
  private static final int MAX_PHASES = 64;

  private final Map<String, Long> furthest = new HashMap<>();
  private boolean advanced;

  void begin() {
    advanced = false;
  }

  void reached(String phase, long done) {
    Long before = furthest.get(phase);
    if (before == null ? furthest.size() < MAX_PHASES && done > 0 : done > before) {
      furthest.put(phase, done);
      advanced = true;
    }
  }

  boolean hasAdvanced() {
    return advanced;
  }
}
