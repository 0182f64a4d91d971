package dev.troupe.cluster;

/**
 * A node cannot start. The message says why and what to do, in words for an operator; {@link
 * Nodes#main} prints it without a stack.
 */
public final class NodeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Exit code of a process that cannot start for a reason outside of its configuration. */
  public static final int EXIT_FAILED = 1;

  /** Exit code of a process whose configuration is not valid. */
  public static final int EXIT_BAD_CONFIG = 2;

  private final int exitCode;

  public NodeException(int exitCode, String message) {
    this(exitCode, message, null);
  }

  public NodeException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** What the process should exit with. */
  public int exitCode() {
    return exitCode;
  }
}
