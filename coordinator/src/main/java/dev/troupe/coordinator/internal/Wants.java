package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromWorker.Held;

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

  /** The request that a lease which a worker holds answers. */
  static String of(Held held) {
    return switch (held.kind()) {
      case DRIVER -> DRIVER;
      case TASKS -> TASKS;
      case GANG -> gang(held.keys().isEmpty() ? "" : held.keys().get(0));
    };
  }

  /** The key of the gang that a request is for. */
  static String gangKey(String request) {
    return request.substring(GANG.length());
  }
}
