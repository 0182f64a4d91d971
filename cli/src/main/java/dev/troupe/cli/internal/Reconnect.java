package dev.troupe.cli.internal;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Patience with a coordinator that went away: it is tried again for a bounded time, since it comes
 * back with all that it knew.
 */
public final class Reconnect {

  private static final Duration FIRST_WAIT = Duration.ofMillis(200);
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

  /** What a call ends with when the other side, or the way to it, is gone for now. */
  private static final Set<Status.Code> PASSING =
      Set.of(Status.Code.UNAVAILABLE, Status.Code.DEADLINE_EXCEEDED, Status.Code.CANCELLED);

  private final Client client;
  private final Io io;
  private final Duration patience;
  private final LongSupplier nanoTime = System::nanoTime;

  private boolean lost;
  private long lostSince;
  private Duration wait = FIRST_WAIT;

  public Reconnect(Client client, Io io, Duration patience) {
    this.client = client;
    this.io = io;
    this.patience = patience;
  }

  /** The cluster has answered. */
  public void answered() {
    if (lost) {
      io.message("Connected again after " + Format.duration(lostFor()) + ".");
    }
    lost = false;
    wait = FIRST_WAIT;
  }

  /**
   * A call has failed: waits before the next try.
   *
   * @throws StatusRuntimeException {@code error}, if another try cannot help or patience is over
   */
  public void failed(StatusRuntimeException error) {
    if (!PASSING.contains(error.getStatus().getCode())) {
      throw error;
    }
    if (error.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED && !lost) {
      return; // A stream has got old: opened again at once.
    }
    if (!lost) {
      lost = true;
      lostSince = nanoTime.getAsLong();
      if (!patience.isZero()) {
        io.message(
            "The coordinator at "
                + client.address()
                + " is away; trying again for up to "
                + Format.duration(patience)
                + " (the job goes on meanwhile).");
      }
    }
    if (lostFor().compareTo(patience) >= 0) {
      throw error;
    }
    pause();
  }

  /** The stream has ended before the job has: waits a little. */
  public void endedEarly() {
    pause();
  }

  private void pause() {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.INTERRUPTED, "interrupted", e);
    }
    Duration doubled = wait.multipliedBy(2);
    wait = doubled.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : doubled;
    client.connectNow();
  }

  private Duration lostFor() {
    return Duration.ofNanos(nanoTime.getAsLong() - lostSince);
  }
}
