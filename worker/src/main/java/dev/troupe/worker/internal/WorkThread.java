package dev.troupe.worker.internal;

import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * A thread that runs a workload's code. Java cannot end a thread against its will: one that was
 * told to stop and goes on is named in the log with its stack and given up (it is a daemon, so that
 * the process can still exit); its slot counts as free again.
 */
final class WorkThread {

  /** How long work may take to end once it was told to; then it is given up. */
  static final Duration GRACE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(WorkThread.class);

  private WorkThread() {}

  /** Starts a thread that carries {@code mdc} in its log lines. */
  static Thread start(String name, Map<String, String> mdc, Runnable body) {
    Thread thread =
        new Thread(
            () -> {
              mdc.forEach(MDC::put);
              body.run();
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Interrupts a thread, and after {@link #GRACE} gives it up if it still runs.
   *
   * @param whenGivenUp called then, or at once if it has ended already
   */
  static void end(Thread thread, Timer timer, Runnable whenGivenUp) {
    if (!thread.isAlive()) {
      whenGivenUp.run();
      return;
    }
    thread.interrupt();
    timer.after(
        GRACE,
        () -> {
          if (thread.isAlive()) {
            LOG.warn(
                "{} was told to stop {} s ago and still runs; it is given up. It is at\n{}",
                thread.getName(),
                GRACE.toSeconds(),
                stack(thread));
            whenGivenUp.run();
          }
        });
  }

  static String stack(Thread thread) {
    return Stream.of(thread.getStackTrace())
        .map(frame -> "\tat " + frame)
        .collect(Collectors.joining("\n"));
  }
}
