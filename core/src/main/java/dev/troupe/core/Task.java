package dev.troupe.core;

/**
 * A unit of independent work: a record whose components are its whole input. It may be run more
 * than once and on any worker, so it must be a pure function of that input. A task whose worker
 * dies is run again elsewhere; an exception of its own fails it for good and reaches the user with
 * its stack (an {@link InputException} with its message alone).
 *
 * <p>Input and result travel as JSON and should be small (some KiB); anything large goes through
 * {@link TaskContext#store} by {@link BlobRef}.
 *
 * @param <R> the result: a record, a string, a boxed primitive, or a list or map of these
 */
public interface Task<R> {

  /**
   * Does the work. Called on a worker, on a thread of its own, interrupted when the work is
   * cancelled.
   */
  R run(TaskContext context) throws Exception;
}
