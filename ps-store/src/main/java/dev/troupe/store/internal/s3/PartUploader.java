package dev.troupe.store.internal.s3;

import dev.troupe.core.StoreException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Sends the parts of a large object, a few at a time: one connection seldom fills a network. */
final class PartUploader {

  /** Parts in memory, and under way, for each object. */
  private static final int AT_ONCE = 4;

  private final ThreadPoolExecutor pool;

  /** Sends one part. */
  @FunctionalInterface
  interface Writer {
    /**
     * @param number from 1 on
     * @return the part's ETag
     */
    String write(String upload, int number, long offset, long length) throws IOException;
  }

  PartUploader() {
    pool =
        new ThreadPoolExecutor(
            AT_ONCE,
            AT_ONCE,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "s3-upload");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
  }

  /**
   * Sends all parts.
   *
   * @return their ETags, in order
   */
  List<String> upload(String upload, long bytes, long part, Writer writer) throws IOException {
    Deque<Future<String>> running = new ArrayDeque<>();
    List<String> tags = new ArrayList<>();
    try {
      for (long offset = 0; offset < bytes; offset += part) {
        if (running.size() == AT_ONCE) {
          tags.add(await(running.pop()));
        }
        int number = tags.size() + running.size() + 1;
        long from = offset;
        long length = Math.min(part, bytes - offset);
        running.add(pool.submit(() -> writer.write(upload, number, from, length)));
      }
      while (!running.isEmpty()) {
        tags.add(await(running.pop()));
      }
      return tags;
    } finally {
      running.forEach(rest -> rest.cancel(true));
    }
  }

  private static String await(Future<String> part) throws IOException {
    try {
      return part.get();
    } catch (InterruptedException e) {
      part.cancel(true);
      Thread.currentThread().interrupt();
      throw new StoreException("upload: the thread was interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StoreException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    }
  }
}
