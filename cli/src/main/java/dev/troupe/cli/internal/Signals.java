package dev.troupe.cli.internal;

/** Ctrl-C, and leaving at once. */
public interface Signals {

  /** Runs {@code handler} on its own thread at each Ctrl-C from now on; null: the default again. */
  void onInterrupt(Runnable handler);

  /** Ends the process with this code; what is registered to run at its end runs. */
  void exit(int code);
}
