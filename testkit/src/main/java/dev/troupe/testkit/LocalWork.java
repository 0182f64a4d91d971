package dev.troupe.testkit;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Progress;
import dev.troupe.core.Store;
import dev.troupe.core.WorkContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What drivers, tasks and ranks of a local cluster share. */
class LocalWork implements WorkContext {

  static final Logger LOG = LoggerFactory.getLogger(LocalCluster.class);

  /** What their work leaves behind. */
  static final class Traces {
    final MemoryStore store = new MemoryStore();
    final Map<String, BlobRef> artifacts = new ConcurrentHashMap<>();

    /** The last figures of each phase. */
    final Map<String, Map<String, Double>> progress = new ConcurrentHashMap<>();

    private final Map<String, Object> cache = new ConcurrentHashMap<>();
    private final Queue<Path> scratch = new ConcurrentLinkedQueue<>();

    /** Removes scratch files. */
    void clear() {
      for (Path folder; (folder = scratch.poll()) != null; ) {
        try (Stream<Path> tree = Files.walk(folder)) {
          for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
            Files.delete(path);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private final Traces traces;
  private Path scratch;

  LocalWork(Traces traces) {
    this.traces = traces;
  }

  @Override
  public String jobId() {
    return "test";
  }

  @Override
  public Store store() {
    return traces.store;
  }

  @Override
  public Logger log() {
    return LOG;
  }

  @Override
  public Progress progress() {
    return (phase, done, total, metrics) -> traces.progress.put(phase, metrics);
  }

  @Override
  public BlobRef artifact(String name, Path file) {
    return kept(name, traces.store.put(file));
  }

  @Override
  public BlobRef artifact(String name, byte[] content) {
    return kept(name, traces.store.put(ByteBuffer.wrap(content)));
  }

  private BlobRef kept(String name, BlobRef blob) {
    traces.artifacts.put(name, blob);
    return blob;
  }

  @Override
  public synchronized Path scratch() {
    if (scratch == null) {
      try {
        scratch = Files.createTempDirectory("troupe-test");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      traces.scratch.add(scratch);
    }
    return scratch;
  }

  @Override
  @SuppressWarnings("unchecked") // as the interface has it: a key has one type
  public <T> T cached(String key, Callable<T> load) throws Exception {
    synchronized (traces.cache) {
      if (!traces.cache.containsKey(key)) {
        traces.cache.put(key, load.call());
      }
      return (T) traces.cache.get(key);
    }
  }
}
