package dev.troupe.worker.internal;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * The log of one piece of work: lines from INFO up are shipped to the job as {@code LEVEL message}
 * (the log's keeper puts time and source before them); all lines also go to the node's own log at
 * debug.
 */
final class JobLogger extends LegacyAbstractLogger {

  private static final long serialVersionUID = 1L;
  private static final Map<Level, String> LEVELS =
      Map.of(Level.INFO, "INFO  ", Level.WARN, "WARN  ", Level.ERROR, "ERROR ");
  private static final Logger NODE_LOG = LoggerFactory.getLogger("dev.troupe.job");

  private final transient LogShipper shipper;
  private final String jobId;
  private final String source;

  JobLogger(LogShipper shipper, String jobId, String source) {
    this.name = "job." + jobId + "." + source;
    this.shipper = shipper;
    this.jobId = jobId;
    this.source = source;
  }

  @Override
  public boolean isTraceEnabled() {
    return false;
  }

  @Override
  public boolean isDebugEnabled() {
    return NODE_LOG.isDebugEnabled();
  }

  @Override
  public boolean isInfoEnabled() {
    return true;
  }

  @Override
  public boolean isWarnEnabled() {
    return true;
  }

  @Override
  public boolean isErrorEnabled() {
    return true;
  }

  @Override
  protected String getFullyQualifiedCallerName() {
    return JobLogger.class.getName();
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level, Marker marker, String pattern, Object[] arguments, Throwable error) {
    String message = MessageFormatter.basicArrayFormat(pattern, arguments);
    if (error != null) {
      StringWriter stack = new StringWriter();
      error.printStackTrace(new PrintWriter(stack));
      message = message + "\n" + stack.toString().stripTrailing();
    }
    NODE_LOG.debug("{}: {}", source, message);
    if (level.toInt() >= Level.INFO.toInt()) {
      shipper.append(jobId, source, LEVELS.get(level) + message);
    }
  }
}
