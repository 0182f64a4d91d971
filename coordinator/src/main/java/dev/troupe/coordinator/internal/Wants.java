package dev.troupe.coordinator.internal;

/** The names of a job's requests to the scheduler. */
final class Wants {

  static final String DRIVER = "driver";
  static final String TASKS = "tasks";

  /** Before a gang's key. */
  static final String GANG = "gang:";

  private Wants() {}

  static String gang(String key) {
    return GANG + key;
  }
}
