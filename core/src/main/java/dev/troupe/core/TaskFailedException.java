package dev.troupe.core;

/**
 * A task or a gang failed for good. The message holds the reason; {@link #remoteStack} the stack of
 * the worker that ran it.
 */
public final class TaskFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final String key;
  private final String remoteStack;

  public TaskFailedException(String key, String message, String remoteStack) {
    super(key + ": " + message);
    this.key = key;
    this.remoteStack = remoteStack;
  }

  /** The key of the task or gang. */
  public String key() {
    return key;
  }

  /**
   * The stack trace where it failed, as text; empty if the worker was lost, or it was an {@link
   * InputException}.
   */
  public String remoteStack() {
    return remoteStack;
  }
}
