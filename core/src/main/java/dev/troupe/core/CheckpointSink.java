package dev.troupe.core;

import java.nio.ByteBuffer;

/**
 * Takes the files of a checkpoint. The checkpoint exists once all files of all ranks are durable,
 * never in part.
 */
public interface CheckpointSink {

  /** Adds a file; {@code content} is read from its position to its limit before this returns. */
  void put(String file, ByteBuffer content);

  /** Adds a file. */
  default void put(String file, byte[] content) {
    put(file, ByteBuffer.wrap(content));
  }
}
