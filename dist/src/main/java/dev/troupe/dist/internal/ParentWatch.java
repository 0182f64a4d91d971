package dev.troupe.dist.internal;

import java.util.Optional;

/**
 * Ends this process when its parent is gone, so that a {@code kill -9} of {@code troupe up} leaves
 * nothing behind. The parent is looked at each second; no signal tells of its death.
 */
public final class ParentWatch {

  /** As a process that got SIGKILL: nothing is tidied up that a parent might wait for. */
  private static final int EXIT_ORPHANED = 137;

  private static final long EVERY_MILLIS = 1000;

  private ParentWatch() {}

  /** Watches from now on; if the parent is gone already, ends at once. */
  public static void start(long parentPid) {
    // The handle remembers the start time, so a process that gets the same id is not mistaken for
    // it.
    Optional<ProcessHandle> parent = ProcessHandle.of(parentPid);
    Thread thread = new Thread(() -> watch(parent), "parent-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private static void watch(Optional<ProcessHandle> parent) {
    while (parent.isPresent() && parent.get().isAlive()) {
      try {
        Thread.sleep(EVERY_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
    Runtime.getRuntime().halt(EXIT_ORPHANED);
  }
}
