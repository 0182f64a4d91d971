package dev.troupe.cli.internal;

/** Ends the command with a message for the user, without a stack, and an exit code. */
public final class CliException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final int exitCode;

  public CliException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  public CliException(int exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** One of {@link ExitCode}. */
  public int exitCode() {
    return exitCode;
  }

  /** Wrong usage. */
  public static CliException invalid(String message) {
    return new CliException(ExitCode.INVALID, message);
  }
}
