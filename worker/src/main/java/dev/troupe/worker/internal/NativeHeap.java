package dev.troupe.worker.internal;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What native libraries have allocated by malloc. It keeps what they free, for the next step to use
 * (see {@code conf/worker-env.sh}), and would keep it when the job has ended. Trimmed now and then,
 * a worker is as large as what runs on it needs, not as the largest that has.
 */
public final class NativeHeap {

  /** To give back 1.3 GiB cost the step under way 0.4 s: a seventh of a percent of five minutes. */
  public static final Duration TRIM_EVERY = Duration.ofMinutes(5);

  private static final Logger LOG = LoggerFactory.getLogger(NativeHeap.class);

  private NativeHeap() {}

  /**
   * Gives free pages back to the system. Who allocates meanwhile waits for it: a quarter of a
   * second for 1.3 GiB.
   *
   * @return whether this JVM can: those of Linux with glibc from 17.0.9 on
   */
  public static boolean trim() {
    try {
      Object outcome =
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "systemTrimNativeHeap",
                  new Object[0],
                  new String[0]);
      LOG.debug("native heap trimmed: {}", outcome);
      return true;
    } catch (JMException e) {
      LOG.debug("native heap not trimmed: this JVM cannot", e);
      return false;
    }
  }
}
