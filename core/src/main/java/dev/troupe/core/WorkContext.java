package dev.troupe.core;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slf4j.Logger;

/**
 * What a driver, a task and a rank of a gang all have: the job they belong to, its store, its log,
 * its progress.
 */
public interface WorkContext {

  String jobId();

  /** Blobs that every worker of the cluster can read. */
  Store store();

  /** Lines that {@code troupe logs} shows, shipped while they are written. */
  Logger log();

  /** What {@code troupe watch} shows. */
  Progress progress();

  /**
   * Copies a file into the store and lists it among the job's artifacts. A second file of that name
   * replaces the first.
   */
  BlobRef artifact(String name, Path file);

  /** As {@link #artifact(String, Path)}, from memory. */
  BlobRef artifact(String name, byte[] content);

  /**
   * A folder on this host for this piece of work alone, empty at first, the same at each call. It
   * is removed with all that is in it when the work ends, however it ends; if the process is
   * killed, by the next worker of this host.
   *
   * @throws java.io.UncheckedIOException if it cannot be made
   */
  Path scratch();

  /**
   * Something costly to load (a model, a graph), kept by the worker process between tasks and
   * generations. The least recently used entry goes first when the cache is full; an {@link
   * AutoCloseable} value is closed then.
   *
   * @param key names the value, the same on every worker
   */
  <T> T cached(String key, Callable<T> load) throws Exception;
}
