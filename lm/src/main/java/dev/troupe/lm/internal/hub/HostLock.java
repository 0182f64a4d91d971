package dev.troupe.lm.internal.hub;

import dev.troupe.lm.HubException;
import dev.troupe.lm.HubListener;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Held by one thread of one process of this host. The kernel gives it free when the process ends; a
 * holder that lives shows by {@link #touch} that it gets on, so those who wait need not wait for
 * one that hangs.
 */
final class HostLock implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(100);

  /** A holder without any progress for so long hangs: longer than all of its own limits. */
  private static final Duration HANGS = Duration.ofMinutes(15);

  /**
   * A file's locks belong to the whole process, and go when any of its channels is closed: a second
   * thread must not even open it.
   */
  private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private HostLock(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    touch();
  }

  /** Waits until it is free. */
  static HostLock take(Path file, String what, HubListener listener)
      throws IOException, InterruptedException {
    Optional<HostLock> lock = tryTake(file);
    if (lock.isEmpty()) {
      listener.say(what + ": another worker of this host is fetching it; waiting");
    }
    Instant began = Instant.now();
    while (lock.isEmpty()) {
      if (since(began).compareTo(HANGS) > 0 && since(touched(file)).compareTo(HANGS) > 0) {
        throw new HubException(
            "%s: another process of this host holds %s and has not got on for %d minutes (end it, and run again)"
                .formatted(what, file, HANGS.toMinutes()));
      }
      Thread.sleep(POLL.toMillis());
      lock = tryTake(file);
    }
    return lock.get();
  }

  /** Takes it if it is free. */
  static Optional<HostLock> tryTake(Path file) throws IOException {
    if (!HELD_HERE.add(file)) {
      return Optional.empty();
    }
    FileChannel channel = null;
    FileLock lock = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock = channel.tryLock();
      return lock == null ? Optional.empty() : Optional.of(new HostLock(file, channel));
    } finally {
      if (lock == null) {
        if (channel != null) {
          channel.close();
        }
        HELD_HERE.remove(file);
      }
    }
  }

  private static Duration since(Instant then) {
    return Duration.between(then, Instant.now());
  }

  private static Instant touched(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant();
  }

  /** Shows those who wait that the holder gets on. */
  void touch() throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      HELD_HERE.remove(file);
    }
  }
}
