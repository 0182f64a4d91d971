package dev.troupe.core;

/**
 * The result to come of a task or a gang.
 *
 * @param <R> the result's type
 */
public interface Handle<R> {

  /** The key it was submitted under. */
  String key();

  boolean isDone();

  /**
   * Waits for the result.
   *
   * @throws TaskFailedException if the task threw, or its retries are used up
   * @throws InterruptedException if the driver is stopped
   */
  R get() throws InterruptedException;
}
