package dev.troupe.worker.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.GangContext.CheckpointWriter;
import dev.troupe.core.Store;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Puts one rank's files of a checkpoint into the store while the next steps run. What is written is
 * a copy, so a step waits for memory, not for the disk; its buffers are kept for the checkpoint
 * after it. One checkpoint is under way at a time.
 */
final class CheckpointWriting implements AutoCloseable {

  private final Store store;
  private final ExecutorService writer;
  private final Map<String, ByteBuffer> buffers = new HashMap<>();
  private CompletableFuture<Map<String, BlobRef>> written;
  private long step;
  private long began;

  CheckpointWriting(Store store, String name) {
    this.store = store;
    writer =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "checkpoint-" + name);
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Copies what {@code save} writes, and begins to put it into the store.
   *
   * @throws IllegalStateException if {@code save} fails
   */
  void begin(long step, CheckpointWriter save) {
    began = System.nanoTime();
    this.step = step;
    Map<String, ByteBuffer> files = new TreeMap<>();
    try {
      save.write(
          (file, content) -> {
            if (files.containsKey(file)) {
              throw new IllegalArgumentException("checkpoint file '" + file + "' is put twice");
            }
            files.put(file, copy(file, content));
          });
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("step " + step + ": the checkpoint was not written", e);
    }
    written = CompletableFuture.supplyAsync(() -> put(files), writer);
  }

  private ByteBuffer copy(String file, ByteBuffer content) {
    int length = content.remaining();
    ByteBuffer buffer = buffers.get(file);
    if (buffer == null || buffer.capacity() < length) {
      buffer = ByteBuffer.allocateDirect(length);
      buffers.put(file, buffer);
    }
    return buffer.clear().put(content.duplicate()).flip();
  }

  private Map<String, BlobRef> put(Map<String, ByteBuffer> files) {
    Map<String, BlobRef> blobs = new TreeMap<>();
    files.forEach((file, content) -> blobs.put(file, store.put(content)));
    return blobs;
  }

  /** Whether a checkpoint was begun whose {@link #finish} has not been called. */
  boolean isUnderWay() {
    return written != null;
  }

  /** Whether {@link #finish} would return, or throw, at once. */
  boolean isWritten() {
    return written.isDone();
  }

  /** The step of the checkpoint that was begun last. */
  long step() {
    return step;
  }

  /** Seconds since it was begun. */
  double seconds() {
    return (System.nanoTime() - began) / 1e9;
  }

  /** Waits until its files are durable. */
  Map<String, BlobRef> finish() {
    try {
      return written.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    } finally {
      written = null;
    }
  }

  /** Lets a write under way end by itself. */
  @Override
  public void close() {
    writer.shutdown();
  }
}
