package dev.troupe.pricing;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangMember;
import dev.troupe.core.GangSize;
import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.core.Progress;
import dev.troupe.core.Store;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.helpers.NOPLogger;

/** A job without a cluster: tasks run at once, here, after a trip through JSON and back. */
final class InThisProcess implements JobContext {

  final Map<String, Object> results = new HashMap<>();

  @Override
  public <R> Handle<R> submit(String key, Task<R> task) {
    try {
      Task<?> copy = Json.read(Json.write(task), task.getClass());
      results.put(key, copy.run(new TaskHere(key)));
    } catch (Exception e) {
      throw new IllegalStateException(key, e);
    }
    return new Done<>(key, task.getClass());
  }

  private final class Done<R> implements Handle<R> {
    private final String key;
    private final Class<?> task;

    Done(String key, Class<?> task) {
      this.key = key;
      this.task = task;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public boolean isDone() {
      return true;
    }

    @Override
    @SuppressWarnings("unchecked") // the type that the task declares
    public R get() {
      return (R) Json.read(Json.write(results.get(key)), Json.resultType(task, Task.class));
    }
  }

  private record TaskHere(String key) implements TaskContext {
    @Override
    public int attempt() {
      return 1;
    }

    @Override
    public String jobId() {
      return "here";
    }

    @Override
    public Store store() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Logger log() {
      return NOPLogger.NOP_LOGGER;
    }

    @Override
    public Progress progress() {
      return (phase, done, total, metrics) -> {};
    }

    @Override
    public BlobRef artifact(String name, Path file) {
      throw new UnsupportedOperationException();
    }

    @Override
    public BlobRef artifact(String name, byte[] content) {
      throw new UnsupportedOperationException();
    }

    @Override
    public <T> T cached(String key, Callable<T> load) throws Exception {
      return load.call();
    }
  }

  @Override
  public int attempt() {
    return 1;
  }

  @Override
  public <R> Handle<R> gang(String key, GangSize size, GangMember<R> member) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String jobId() {
    return "here";
  }

  @Override
  public Store store() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Logger log() {
    return NOPLogger.NOP_LOGGER;
  }

  @Override
  public Progress progress() {
    return (phase, done, total, metrics) -> {};
  }

  @Override
  public BlobRef artifact(String name, Path file) {
    throw new UnsupportedOperationException();
  }

  @Override
  public BlobRef artifact(String name, byte[] content) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <T> T cached(String key, Callable<T> load) throws Exception {
    return load.call();
  }
}
