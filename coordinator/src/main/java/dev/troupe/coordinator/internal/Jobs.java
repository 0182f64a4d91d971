package dev.troupe.coordinator.internal;

/** Sends to job entities, wherever they live. */
@FunctionalInterface
interface Jobs {
  void tell(String jobId, JobCommand command);
}
