package dev.troupe.worker.internal;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import javax.management.JMException;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What native libraries have allocated by malloc. It keeps what they free, for the next step to use
 * (see {@code conf/worker-env.sh}); tensors of uneven sizes leave a little more of it each time.
 * Trimmed now and then, a worker stays as large as what it holds, and a large job's memory is the
 * system's again when the job has ended.
 */
public final class NativeHeap {

  /** The pages that are needed again cost a tenth of a second or two: nothing in five minutes. */
  public static final Duration TRIM_EVERY = Duration.ofMinutes(5);

  private static final Logger LOG = LoggerFactory.getLogger(NativeHeap.class);

  private NativeHeap() {}

  /**
   * Gives free pages back to the system. Others who allocate meanwhile wait for it, milliseconds to
   * a tenth of a second.
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
