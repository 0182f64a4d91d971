package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator.RunTasks;
import dev.troupe.cluster.protocol.FromCoordinator.TaskRun;
import dev.troupe.cluster.protocol.Limits;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob.TaskSpec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A lease that tasks of a job run under, and which of them its worker has. */
final class TaskLease {

  Slot slot;

  /** By key, in the order in which they were sent. */
  final Map<String, OpenTask> outstanding = new LinkedHashMap<>();

  /** Keys that its worker named and no driver has submitted to this entity yet. */
  final Set<String> unknown = new HashSet<>();

  boolean leaving;
  long lastActive;

  TaskLease(Slot slot, long now) {
    this.slot = slot;
    this.lastActive = now;
  }

  int load() {
    return outstanding.size() + unknown.size();
  }

  void runs(OpenTask task) {
    task.begunUnder = null;
    outstanding.put(task.key(), task);
  }

  /** The tasks as messages to its worker, none larger than may be. */
  List<RunTasks> batches(String workload, List<OpenTask> tasks) {
    List<RunTasks> batches = new ArrayList<>();
    List<TaskRun> batch = new ArrayList<>();
    int bytes = 0;
    for (OpenTask task : tasks) {
      int size = sizeOf(task.spec);
      if (!batch.isEmpty()
          && (batch.size() == Limits.MAX_BATCH || bytes + size > Limits.MAX_MESSAGE_BYTES)) {
        batches.add(new RunTasks(slot.lease(), workload, List.copyOf(batch)));
        batch.clear();
        bytes = 0;
      }
      batch.add(new TaskRun(task.spec, task.attempt));
      bytes += size;
    }
    if (!batch.isEmpty()) {
      batches.add(new RunTasks(slot.lease(), workload, List.copyOf(batch)));
    }
    return batches;
  }

  private static int sizeOf(TaskSpec spec) {
    Payload input = spec.input();
    return spec.key().length()
        + spec.className().length()
        + 100
        + (input == null ? 0 : input.inlineBytes());
  }
}
