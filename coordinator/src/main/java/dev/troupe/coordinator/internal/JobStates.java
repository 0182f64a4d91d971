package dev.troupe.coordinator.internal;

import dev.troupe.proto.v1.JobState;

/** What job states have in common. */
public final class JobStates {

  private JobStates() {}

  /** A job in this state never leaves it. */
  public static boolean isTerminal(JobState state) {
    return switch (state) {
      case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED -> true;
      case JOB_STATE_UNSPECIFIED,
          JOB_STATE_PENDING,
          JOB_STATE_RUNNING,
          JOB_STATE_CANCELLING,
          UNRECOGNIZED ->
          false;
    };
  }
}
