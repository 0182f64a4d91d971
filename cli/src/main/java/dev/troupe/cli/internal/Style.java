package dev.troupe.cli.internal;

import dev.troupe.proto.v1.JobState;

/** Colours, if they are wanted. */
public record Style(boolean colours) {

  private static final String RESET = "\u001b[0m";

  public String bold(String text) {
    return wrap("\u001b[1m", text);
  }

  public String dim(String text) {
    return wrap("\u001b[2m", text);
  }

  public String green(String text) {
    return wrap("\u001b[32m", text);
  }

  public String yellow(String text) {
    return wrap("\u001b[33m", text);
  }

  public String red(String text) {
    return wrap("\u001b[31m", text);
  }

  public String cyan(String text) {
    return wrap("\u001b[36m", text);
  }

  /** {@code text} in the colour of a job's state. */
  public String state(JobState state, String text) {
    return switch (state) {
      case JOB_STATE_SUCCEEDED -> green(text);
      case JOB_STATE_FAILED -> red(text);
      case JOB_STATE_RUNNING -> cyan(text);
      case JOB_STATE_PENDING, JOB_STATE_CANCELLING, JOB_STATE_CANCELLED -> yellow(text);
      default -> text;
    };
  }

  /** Columns that {@code text} takes on a terminal; colours take none. */
  static int width(String text) {
    return text.replaceAll("\u001b\\[[0-9]*m", "").length();
  }

  private String wrap(String code, String text) {
    return colours && !text.isEmpty() ? code + text + RESET : text;
  }
}
