package dev.troupe.pricing.backtest.internal;

import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.core.Task;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;

/**
 * Runs the parts of a job, keeps what each task took, and says when the job will end.
 *
 * <p>How much work a part is has to be guessed before it begins. What the parts so far took against
 * their guesses tells the pace of the cluster that the job runs on, and so when the rest will end.
 */
final class Timetable {

  /** Artifact with a line for each task, and for what the driver did while no task ran. */
  static final String FILE = "times.csv";

  /** The part that the driver does alone. */
  static final String DRIVER = "driver";

  private record Took(String part, String what, double seconds) {}

  /**
   * What a part took.
   *
   * @param tasks that it had
   * @param seconds of all of them, one after the other
   * @param longest of them
   */
  record Total(String part, int tasks, double seconds, double longest) {}

  private final JobContext job;
  private final Map<String, Double> guesses = new LinkedHashMap<>();
  private final List<Took> took = new ArrayList<>();
  private long started;
  private double guessed;

  Timetable(JobContext job) {
    this.job = job;
  }

  /** A part that is to come takes about so many seconds of one core. */
  void expect(String part, double seconds) {
    guesses.put(part, seconds);
  }

  /** Keeps what one task took. */
  void add(String part, String what, double seconds) {
    took.add(new Took(part, what, seconds));
  }

  /** Does something in the driver, while no task runs. */
  <T> T alone(String what, Callable<T> work) throws Exception {
    long start = System.nanoTime();
    T result = work.call();
    add(DRIVER, what, seconds(start));
    return result;
  }

  /**
   * Runs tasks of about even cost.
   *
   * @param each takes the results, in the order of the tasks, while later ones still run
   */
  <R extends Timed> List<R> run(String part, List<? extends Task<R>> tasks, Consumer<R> each)
      throws InterruptedException {
    if (started == 0) {
      started = System.nanoTime();
    }
    long start = System.nanoTime();
    double guess = guesses.containsKey(part) ? guesses.remove(part) : 0;
    List<Handle<R>> handles = new ArrayList<>(tasks.size());
    for (Task<R> task : tasks) {
      handles.add(job.submit(part + "/" + handles.size(), task));
    }
    job.progress().report(part, 0, tasks.size());
    List<R> results = new ArrayList<>(tasks.size());
    for (Handle<R> handle : handles) {
      R result = handle.get();
      add(part, Integer.toString(results.size()), result.seconds());
      results.add(result);
      each.accept(result);
      double done = (double) results.size() / tasks.size();
      double left = seconds(start) * (1 / done - 1) + later(guessed + done * guess);
      job.progress().report(part, results.size(), tasks.size(), Map.of("secondsLeft", left));
    }
    guessed += guess;
    return results;
  }

  /** Seconds that the parts after this one will take, where so much of the work is done. */
  private double later(double done) {
    double expected = guesses.values().stream().mapToDouble(Double::doubleValue).sum();
    return done > 0 ? seconds(started) / done * expected : expected;
  }

  /** What parts took, in order. */
  List<Total> totals() {
    Map<String, Total> totals = new LinkedHashMap<>();
    for (Took t : took) {
      totals.merge(
          t.part(),
          new Total(t.part(), 1, t.seconds(), t.seconds()),
          (a, b) ->
              new Total(
                  a.part(),
                  a.tasks() + b.tasks(),
                  a.seconds() + b.seconds(),
                  Math.max(a.longest(), b.longest())));
    }
    return List.copyOf(totals.values());
  }

  /** Makes the artifact. */
  void save() {
    StringBuilder csv = new StringBuilder("part,what,seconds\n");
    for (Took t : took) {
      csv.append(t.part()).append(',').append(t.what()).append(',').append(t.seconds());
      csv.append('\n');
    }
    job.artifact(FILE, csv.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }
}
