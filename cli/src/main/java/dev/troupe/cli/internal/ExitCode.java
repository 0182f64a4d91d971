package dev.troupe.cli.internal;

/** What the process says to its caller when it ends. */
public final class ExitCode {

  public static final int DONE = 0;

  /** The job failed or was cancelled by someone else, or the cluster failed at what was asked. */
  public static final int FAILED = 1;

  /** Wrong usage, or a job that the cluster refuses. */
  public static final int INVALID = 2;

  public static final int NOT_FOUND = 3;
  public static final int UNREACHABLE = 4;
  public static final int NOT_PERMITTED = 5;

  /** Ctrl-C: 128 + SIGINT. */
  public static final int INTERRUPTED = 130;

  private ExitCode() {}
}
