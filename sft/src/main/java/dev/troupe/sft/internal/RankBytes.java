package dev.troupe.sft.internal;

import dev.troupe.core.Communicator;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Sends what only one rank knows the length of. */
final class RankBytes {

  private RankBytes() {}

  /**
   * The content of one rank goes to all. Collective.
   *
   * @param content of {@code root}, from position to limit; others' is not looked at
   */
  static ByteBuffer broadcast(Communicator communicator, ByteBuffer content, int root) {
    boolean mine = communicator.rank() == root;
    ByteBuffer length = direct(Integer.BYTES);
    length.putInt(0, mine ? content.remaining() : 0);
    communicator.broadcast(length, root);
    ByteBuffer bytes =
        mine && content.isDirect()
            ? content.slice().order(ByteOrder.nativeOrder())
            : direct(length.getInt(0));
    if (mine && !content.isDirect()) {
      bytes.put(0, content, content.position(), content.remaining());
    }
    communicator.broadcast(bytes, root);
    return bytes;
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
