package dev.troupe.lm.internal.hub;

import java.time.Duration;

/** An attempt failed in a way that another one may not. */
final class TryAgainException extends Exception {

  private static final long serialVersionUID = 1L;

  private final boolean progressed;
  private final Duration asked;

  private TryAgainException(String message, boolean progressed, Duration asked, Throwable cause) {
    super(message, cause);
    this.progressed = progressed;
    this.asked = asked;
  }

  TryAgainException(String message, Throwable cause) {
    this(message, false, Duration.ZERO, cause);
  }

  /** The hub asks to be left alone for a while. */
  static TryAgainException after(Duration pause, String message) {
    return new TryAgainException(message, false, pause, null);
  }

  /**
   * The same failure.
   *
   * @param more put behind the message
   * @param progress whether the attempt brought a noteworthy piece of a file
   */
  TryAgainException with(String more, boolean progress) {
    return new TryAgainException(getMessage() + more, progress, asked, this);
  }

  boolean progressed() {
    return progressed;
  }

  /** The pause that the hub asked for; zero if none. */
  Duration asked() {
    return asked;
  }
}
