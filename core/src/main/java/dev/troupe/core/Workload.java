package dev.troupe.core;

import dev.troupe.core.options.Violation;
import java.util.List;

/**
 * One kind of job. Found by {@link java.util.ServiceLoader}, so a jar with a {@code
 * META-INF/services/dev.troupe.core.Workload} entry is all that a new workload needs.
 *
 * <p>{@link #run} is the job's driver: sequential Java that may be run again from its start on
 * another worker when the process it runs in dies. Each task and gang it submits is journaled under
 * its key, so a second run gets the results of what is done at once and goes on behind it. For that
 * the driver must be deterministic: the same options and the same results lead to the same keys and
 * inputs.
 *
 * @param <O> the options: a record whose components carry the annotations of {@link
 *     dev.troupe.core.options}
 */
public interface Workload<O extends Record> {

  /** The name users type: lower case, digits and dashes, as in {@code sft}. */
  String name();

  /** One line for {@code troupe workloads}. */
  String summary();

  /** The record of options that {@link #run} takes. */
  Class<O> optionsType();

  /**
   * Checks what a schema cannot say (a folder that is missing, two options that exclude each
   * other). Called on some worker when a job is submitted, before it is accepted; must return
   * within seconds and must not change anything.
   *
   * @return what is wrong, empty if nothing
   */
  default List<Violation> check(O options) {
    return List.of();
  }

  /**
   * Runs the job.
   *
   * @return what {@code troupe result} prints
   * @throws Exception any error of the driver; the job then fails with its message, and its stack
   *     is kept (of an {@link InputException} the message alone)
   */
  Result run(JobContext job, O options) throws Exception;
}
