package dev.troupe.store.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/**
 * Content in pieces of {@link #SIZE} bytes, only the last of which is shorter: empty if need be. A
 * piece is valid until the next one is asked for.
 */
@FunctionalInterface
interface Chunks {

  /** Large enough that calls cost nothing, small enough to stay in the processor's cache. */
  int SIZE = 1 << 20;

  ByteBuffer next() throws IOException;

  static Chunks of(ReadableByteChannel channel) {
    ByteBuffer chunk = ByteBuffer.allocateDirect(SIZE);
    return () -> {
      chunk.clear();
      while (chunk.hasRemaining() && channel.read(chunk) >= 0) {}
      return chunk.flip();
    };
  }

  static Chunks of(InputStream in) {
    byte[] chunk = new byte[SIZE];
    return () -> ByteBuffer.wrap(chunk, 0, in.readNBytes(chunk, 0, SIZE));
  }
}
