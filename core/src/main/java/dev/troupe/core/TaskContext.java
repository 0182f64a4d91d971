package dev.troupe.core;

/** What a running {@link Task} sees of the cluster. */
public interface TaskContext extends WorkContext {

  /** The key under which the driver submitted this task. */
  String key();

  /** 1 for the first try, one more after each loss of a worker. */
  int attempt();
}
