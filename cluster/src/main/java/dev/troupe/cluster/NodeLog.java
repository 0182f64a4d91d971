package dev.troupe.cluster;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/**
 * A node's own log: one line a record, with job, task, rank and generation where there are any. It
 * goes to standard error, as {@code logback.xml} of this room says, or to a file that is bounded.
 * (What a job logs is another matter: that is shipped to the store.)
 */
public final class NodeLog {

  /** MDC key of the job's id. */
  public static final String JOB = "job";

  /** MDC key of a task's key. */
  public static final String TASK = "task";

  /** MDC key of a rank in a gang. */
  public static final String RANK = "rank";

  /** MDC key of a gang's generation. */
  public static final String GENERATION = "generation";

  private NodeLog() {}

  /**
   * Turns the log to {@code troupe.log.file}, if that is set. To be called once, before the rest.
   */
  public static void start(LogConfig config) {
    config.file().ifPresent(file -> writeTo(file.toAbsolutePath(), config));
  }

  private static void writeTo(Path file, LogConfig config) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(context.getProperty("LINE"));
    encoder.start();

    RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
    appender.setContext(context);
    appender.setName("file");
    appender.setFile(file.toString());
    appender.setEncoder(encoder);

    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(appender);
    rolling.setFileNamePattern(file + ".%i");
    rolling.setMinIndex(1);
    rolling.setMaxIndex(config.files());
    rolling.start();
    appender.setRollingPolicy(rolling);

    SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
    trigger.setContext(context);
    trigger.setMaxFileSize(new FileSize(config.bytes()));
    trigger.setCheckIncrement(Duration.buildByMilliseconds(0)); // by default it looks once a minute
    trigger.start();
    appender.setTriggeringPolicy(trigger);
    appender.start();
    if (!appender.isStarted()) {
      throw new NodeException(
          NodeException.EXIT_FAILED,
          "troupe.log.file: " + file + " (expected: a file that this process may write)");
    }
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(appender);
  }
}
