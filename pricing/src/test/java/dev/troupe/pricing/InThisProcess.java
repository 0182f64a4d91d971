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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.helpers.NOPLogger;

/**
 * A job without a cluster: tasks run here, on so many threads, after a trip through JSON and back.
 */
public final class InThisProcess implements JobContext, AutoCloseable {

  private final ExecutorService workers;
  private final Map<BlobRef, byte[]> blobs = new ConcurrentHashMap<>();
  private final Map<String, byte[]> artifacts = new ConcurrentHashMap<>();
  private final List<String> keys = new ArrayList<>();

  /** One worker. */
  public InThisProcess() {
    this(1);
  }

  public InThisProcess(int workers) {
    this.workers = Executors.newFixedThreadPool(workers);
  }

  /** The keys of all tasks that were submitted. */
  public List<String> keys() {
    return keys;
  }

  /** The text of an artifact. */
  public String text(String artifact) {
    return new String(artifacts.get(artifact), StandardCharsets.UTF_8);
  }

  /** The content of an artifact. */
  public byte[] bytes(String artifact) {
    return artifacts.get(artifact);
  }

  /** The names of all artifacts. */
  public Set<String> artifacts() {
    return artifacts.keySet();
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }

  @Override
  public <R> Handle<R> submit(String key, Task<R> task) {
    keys.add(key);
    Task<?> copy = Json.read(Json.write(task), task.getClass());
    Future<?> result = workers.submit(() -> copy.run(new TaskHere(key)));
    return new Later<>(key, task.getClass(), result);
  }

  private static final class Later<R> implements Handle<R> {
    private final String key;
    private final Class<?> task;
    private final Future<?> result;

    Later(String key, Class<?> task, Future<?> result) {
      this.key = key;
      this.task = task;
      this.result = result;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public boolean isDone() {
      return result.isDone();
    }

    @Override
    @SuppressWarnings("unchecked") // the type that the task declares
    public R get() throws InterruptedException {
      try {
        return (R) Json.read(Json.write(result.get()), Json.resultType(task, Task.class));
      } catch (ExecutionException e) {
        throw new IllegalStateException(key, e.getCause());
      }
    }
  }

  private final class Blobs implements Store {
    @Override
    public BlobRef put(ByteBuffer content) {
      byte[] bytes = new byte[content.remaining()];
      content.duplicate().get(bytes);
      try {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
        BlobRef blob = new BlobRef(HexFormat.of().formatHex(hash), bytes.length);
        blobs.put(blob, bytes);
        return blob;
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public BlobRef put(Path file) {
      try {
        return put(ByteBuffer.wrap(Files.readAllBytes(file)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public BlobRef put(InputStream content) {
      try {
        return put(ByteBuffer.wrap(content.readAllBytes()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public ByteBuffer get(BlobRef blob) {
      return ByteBuffer.wrap(blobs.get(blob)).asReadOnlyBuffer();
    }

    @Override
    public InputStream open(BlobRef blob) {
      return new ByteArrayInputStream(blobs.get(blob));
    }

    @Override
    public boolean contains(BlobRef blob) {
      return blobs.containsKey(blob);
    }
  }

  private final class TaskHere implements TaskContext {
    private final String key;

    TaskHere(String key) {
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

    @Override
    public String jobId() {
      return "here";
    }

    @Override
    public Store store() {
      return new Blobs();
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
      return InThisProcess.this.artifact(name, file);
    }

    @Override
    public BlobRef artifact(String name, byte[] content) {
      return InThisProcess.this.artifact(name, content);
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
    return new Blobs();
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
    try {
      return artifact(name, Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public BlobRef artifact(String name, byte[] content) {
    artifacts.put(name, content);
    return store().put(ByteBuffer.wrap(content));
  }

  @Override
  public <T> T cached(String key, Callable<T> load) throws Exception {
    return load.call();
  }
}
