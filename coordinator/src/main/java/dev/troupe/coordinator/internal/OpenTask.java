package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.ToJob.TaskSpec;

/** A task of a job that has no result yet. */
final class OpenTask {

  final TaskSpec spec;
  int attempt = 1;
  long notBefore;

  /** The lease under which a worker has begun it, while that is not known here; else null. */
  String begunUnder;

  OpenTask(TaskSpec spec) {
    this.spec = spec;
  }

  String key() {
    return spec.key();
  }
}
