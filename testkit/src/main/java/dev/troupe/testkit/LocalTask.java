package dev.troupe.testkit;

import dev.troupe.core.TaskContext;

/** A task's first attempt. */
final class LocalTask extends LocalWork implements TaskContext {

  private final String key;

  LocalTask(Traces traces, String key) {
    super(traces);
    this.key = key;
  }

  @Override
  public String key() {
    return key;
  }

  @Override
  public int attempt() {
    return 1;
  }
}
