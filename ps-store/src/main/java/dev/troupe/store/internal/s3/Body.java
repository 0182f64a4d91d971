package dev.troupe.store.internal.s3;

import dev.troupe.store.internal.Sha256;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;

/** What a request carries: can be sent more than once, and is signed by its hash. */
record Body(ByteBuffer content, String sha256) {

  static final Body NONE = new Body(ByteBuffer.allocate(0), SignatureV4.EMPTY_SHA256);

  static Body of(ByteBuffer content) {
    return new Body(content, Sha256.of(content));
  }

  static Body of(byte[] content) {
    return of(ByteBuffer.wrap(content));
  }

  int bytes() {
    return content.remaining();
  }

  /** With its length, for S3 takes no chunked bodies. */
  BodyPublisher publisher() {
    if (bytes() == 0) {
      return BodyPublishers.noBody();
    }
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(() -> stream(content.duplicate())), bytes());
  }

  private static InputStream stream(ByteBuffer rest) {
    return new InputStream() {
      @Override
      public int read() {
        return rest.hasRemaining() ? rest.get() & 0xff : -1;
      }

      @Override
      public int read(byte[] into, int offset, int length) {
        if (!rest.hasRemaining()) {
          return -1;
        }
        int count = Math.min(length, rest.remaining());
        rest.get(into, offset, count);
        return count;
      }
    };
  }
}
