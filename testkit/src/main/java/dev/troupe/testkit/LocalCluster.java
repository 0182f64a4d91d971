package dev.troupe.testkit;

import com.fasterxml.jackson.databind.JavaType;
import dev.troupe.core.BlobRef;
import dev.troupe.core.Communicator;
import dev.troupe.core.GangMember;
import dev.troupe.core.GangSize;
import dev.troupe.core.Handle;
import dev.troupe.core.InputException;
import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.core.Task;
import dev.troupe.core.TaskFailedException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

/**
 * A cluster in this process, to test a workload on: a task runs on one of so many threads, each
 * rank of a gang is a thread with collectives of its own, inputs and results travel as JSON,
 * results are kept by key, and ranks are lost where a test says so. Blobs, artifacts and
 * checkpoints are kept in memory.
 */
public final class LocalCluster implements AutoCloseable {

  /**
   * A loss: the last rank goes away at the end of {@code step}, before a checkpoint that would be
   * due there; the next generation has {@code newSize} ranks.
   *
   * @param lost ranks whose memory is gone, the last ones
   */
  public record Loss(long step, int newSize, int lost) {
    public Loss(long step, int newSize) {
      this(step, newSize, 1);
    }
  }

  /** A rank's process dies here. */
  public static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** What stands between a rank and its gang. */
  @FunctionalInterface
  public interface Sabotage {
    Communicator between(Communicator communicator);
  }

  /** A task or gang that was submitted: its input as JSON, and its result to come. */
  private record Submitted(String input, Handle<?> handle) {}

  private final LocalWork.Traces traces = new LocalWork.Traces();
  private final LocalGangs gangs;
  private final ExecutorService tasks;
  private final ExecutorService gangDrivers = Executors.newCachedThreadPool();
  private final Map<String, Submitted> submittedTasks = new LinkedHashMap<>();
  private final Map<String, Submitted> submittedGangs = new LinkedHashMap<>();

  /**
   * @param workers tasks that run at a time, and ranks of a gang's first generation
   */
  public LocalCluster(int workers, Loss... losses) {
    this(workers, communicator -> communicator, losses);
  }

  /** The ranks that it kills are lost; the next generation is that much smaller. */
  public LocalCluster(int workers, Sabotage sabotage, Loss... losses) {
    this.gangs = new LocalGangs(traces, workers, sabotage, List.of(losses));
    this.tasks = Executors.newFixedThreadPool(workers);
  }

  /** A driver's view of the cluster. A second one is the same job's, its driver run again. */
  public JobContext job() {
    return new Job(Integer.MAX_VALUE);
  }

  /** A driver's process that dies when it starts one gang more; the next job goes on behind it. */
  public JobContext jobThatDiesAfter(int gangs) {
    return new Job(gangs);
  }

  /** The keys of all tasks, in the order in which they were submitted. */
  public List<String> tasks() {
    return keys(submittedTasks);
  }

  /** The keys of all gangs, in the order in which they were submitted. */
  public List<String> gangs() {
    return keys(submittedGangs);
  }

  private static List<String> keys(Map<String, Submitted> submitted) {
    synchronized (submitted) {
      return List.copyOf(submitted.keySet());
    }
  }

  /** The names of all artifacts. */
  public Set<String> artifacts() {
    return traces.artifacts.keySet();
  }

  /**
   * An artifact's content.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public byte[] artifact(String name) {
    BlobRef blob = traces.artifacts.get(name);
    if (blob == null) {
      throw new IllegalArgumentException(
          "artifact '" + name + "': not written (expected: one of " + artifacts() + ")");
    }
    return MemoryStore.bytes(traces.store.get(blob));
  }

  /** An artifact as text. */
  public String text(String artifact) {
    return new String(artifact(artifact), StandardCharsets.UTF_8);
  }

  /** The last figures of each phase. */
  public Map<String, Map<String, Double>> progress() {
    return traces.progress;
  }

  /** Steps from which a generation went on with what its ranks held in memory. */
  public Set<Long> recalled() {
    return gangs.recalled();
  }

  /** How many generations gangs have had. */
  public long generations() {
    return gangs.generations();
  }

  @Override
  public void close() {
    gangs.close();
    tasks.shutdownNow();
    gangDrivers.shutdownNow();
    traces.clear();
  }

  /** A task or member as it is where it runs. */
  @SuppressWarnings("unchecked") // a copy has the class of what it is a copy of
  static <T> T travelled(T sent) {
    return (T) Json.read(Json.write(sent), sent.getClass());
  }

  /** A result as it comes back. */
  @SuppressWarnings("unchecked") // the type that the task or member declares
  static <R> R travelled(R result, JavaType type) {
    return result == null ? null : (R) Json.read(Json.write(result), type);
  }

  private final class Job extends LocalWork implements JobContext {
    private int gangsLeft;

    Job(int gangsLeft) {
      super(traces);
      this.gangsLeft = gangsLeft;
    }

    @Override
    public int attempt() {
      return 1;
    }

    @Override
    public <R> Handle<R> submit(String key, Task<R> task) {
      return once(
          submittedTasks,
          key,
          task,
          () ->
              tasks.submit(
                  () ->
                      travelled(
                          travelled(task).run(new LocalTask(traces, key)),
                          Json.resultType(task.getClass(), Task.class))));
    }

    @Override
    public <R> Handle<R> gang(String key, GangSize size, GangMember<R> member) {
      return once(
          submittedGangs,
          key,
          member,
          () -> {
            if (gangsLeft-- == 0) {
              throw new IllegalStateException("a test ends the driver's process");
            }
            return gangDrivers.submit(() -> gangs.run(key, member, size));
          });
    }

    @SuppressWarnings("unchecked") // an equal input has an equal task, so an equal result
    private <R> Handle<R> once(
        Map<String, Submitted> known, String key, Object work, Supplier<Future<R>> start) {
      String input = Json.write(work);
      synchronized (known) {
        Submitted before = known.get(key);
        if (before == null) {
          before = new Submitted(input, new LocalHandle<>(key, start.get()));
          known.put(key, before);
        } else if (!before.input().equals(input)) {
          throw new IllegalArgumentException(
              "key '" + key + "' was submitted before with another input");
        }
        return (Handle<R>) before.handle();
      }
    }
  }

  private record LocalHandle<R>(String key, Future<R> future) implements Handle<R> {
    @Override
    public boolean isDone() {
      return future.isDone();
    }

    @Override
    public R get() throws InterruptedException {
      try {
        return future.get();
      } catch (ExecutionException e) {
        Throwable error = e.getCause();
        String message = error.getMessage() == null ? error.toString() : error.getMessage();
        throw new TaskFailedException(
            key, message, error instanceof InputException ? "" : stack(error));
      }
    }

    private static String stack(Throwable error) {
      StringWriter stack = new StringWriter();
      error.printStackTrace(new PrintWriter(stack));
      return stack.toString();
    }
  }
}
