package dev.troupe.cli.command;

import dev.troupe.cli.internal.Io;
import java.util.List;
import java.util.Map;

/** A demonstration: a job that needs no data, and what is shown of its result. */
interface Demo {

  /** What the job runs. */
  String workload();

  /** The job's options on so many workers, beside the seed. */
  Map<String, Object> options(int workers);

  /** The values of the result that {@code -o json} prints, in this order. */
  List<String> figures();

  /**
   * Prints the result for people.
   *
   * @param figures {@link #figures} and {@code report}, the page's place
   * @param result all that the job gave back
   */
  void print(Io io, Map<String, Object> figures, Map<String, Object> result);
}
