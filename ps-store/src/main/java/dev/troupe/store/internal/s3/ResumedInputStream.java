package dev.troupe.store.internal.s3;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An object's bytes, over as many connections as it takes: one that breaks, ends early, or brings
 * nothing for a while is given up, and the next goes on from where it ended. It gives up for good
 * after some connections in a row that brought little.
 */
final class ResumedInputStream extends InputStream {

  private static final Logger log = LoggerFactory.getLogger(ResumedInputStream.class);

  private static final int MOST_IN_A_ROW = 5;
  private static final long ENOUGH = 1 << 20;

  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "s3-stalls");
            thread.setDaemon(true);
            return thread;
          });

  private final Bucket bucket;
  private final String key;
  private final long bytes;
  private InputStream connection;
  private long position;
  private long goodUntil;
  private int inARow;

  /** Opens the first connection, which tells whether there is such an object. */
  ResumedInputStream(Bucket bucket, String key, long bytes) {
    this.bucket = bucket;
    this.key = key;
    this.bytes = bytes;
    this.connection = bucket.open(key, 0);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    while (position < bytes) {
      String problem = "ended early";
      try {
        int count = readWatched(into, offset, (int) Math.min(length, bytes - position));
        if (count >= 0) {
          position += count;
          return count;
        }
      } catch (IOException e) {
        problem = e.getMessage() == null ? e.toString() : e.getMessage();
      }
      reconnect(problem);
    }
    return -1;
  }

  /** Closing the connection wakes a reader that waits for it. */
  private int readWatched(byte[] into, int offset, int length) throws IOException {
    InputStream watched = connection;
    ScheduledFuture<?> watch =
        WATCH.schedule(
            () -> close(watched), bucket.waitForBytes().toMillis(), TimeUnit.MILLISECONDS);
    try {
      return watched.read(into, offset, length);
    } finally {
      watch.cancel(false);
    }
  }

  private void reconnect(String problem) throws IOException {
    close(connection);
    inARow = position - goodUntil >= ENOUGH ? 1 : inARow + 1;
    goodUntil = position;
    if (inARow > MOST_IN_A_ROW) {
      throw new IOException(
          "%s: given up at byte %d of %d, after %d connections in a row that broke: %s"
              .formatted(bucket.config().show(key), position, bytes, inARow, problem));
    }
    log.debug("{}: goes on from byte {}: {}", key, position, problem);
    connection = bucket.open(key, position);
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      log.trace("given up anyway", e);
    }
  }

  @Override
  public void close() {
    close(connection);
  }
}
