package dev.troupe.core;

import java.nio.ByteBuffer;
import java.util.Set;

/** A whole, verified checkpoint. */
public interface Checkpoint {

  /** The number of steps done when it was written. */
  long step();

  Set<String> files();

  /**
   * A file's content, read-only.
   *
   * @throws IllegalArgumentException if there is no such file
   */
  ByteBuffer read(String file);
}
