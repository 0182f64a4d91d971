package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubListener;
import dev.troupe.lm.ModelSource;
import java.io.IOException;
import java.time.Duration;

/** Counts what has come, and says so now and then. */
final class FetchProgress {

  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
  private static final double MIB = 1 << 20;

  private final ModelSource.Hub source;
  private final HubListener listener;
  private final HostLock lock;
  private final long startNanos = System.nanoTime();
  private long total;
  private long have;
  private long came;
  private long lastLine = startNanos;

  FetchProgress(ModelSource.Hub source, HubListener listener, HostLock lock) {
    this.source = source;
    this.listener = listener;
    this.lock = lock;
  }

  /** Begins to count: there is so much in all. */
  void start(long bytes) {
    total = bytes;
    have = 0;
  }

  /** So much is here already, from before. */
  void found(long bytes) {
    have += bytes;
    listener.downloaded(have, total);
  }

  /** So much has come over the network. */
  void came(int bytes) throws IOException {
    came += bytes;
    found(bytes);
    long now = System.nanoTime();
    if (now - lastLine > BETWEEN_LINES.toNanos()) {
      lastLine = now;
      lock.touch();
      listener.say(
          "%s: %.0f of %.0f MiB, %.1f MiB/s".formatted(source, have / MIB, total / MIB, rate(now)));
    }
  }

  /** What was here was no good. */
  void lost(long bytes) {
    have -= bytes;
  }

  void done() {
    long now = System.nanoTime();
    listener.say(
        "%s: fetched %.1f MiB in %.1f s (%.1f MiB in all)"
            .formatted(source, came / MIB, (now - startNanos) / 1e9, total / MIB));
  }

  private double rate(long now) {
    return came / MIB / ((now - startNanos) / 1e9);
  }
}
