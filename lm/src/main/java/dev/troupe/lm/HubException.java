package dev.troupe.lm;

import dev.troupe.core.InputException;

/** The hub did not give what was asked for; the message says why, and what to do. */
public class HubException extends InputException {

  private static final long serialVersionUID = 1L;

  private final boolean temporary;

  /**
   * @param temporary whether the same request may well succeed later: no connection, no answer, too
   *     many requests, an error inside the hub
   */
  public HubException(String message, boolean temporary, Throwable cause) {
    super(message, cause);
    this.temporary = temporary;
  }

  public HubException(String message) {
    this(message, false, null);
  }

  /** Whether it may go well later, with nothing changed here. */
  public boolean temporary() {
    return temporary;
  }
}
