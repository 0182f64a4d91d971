package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.ToJob.TaskEnd;
import dev.troupe.cluster.protocol.ToJob.TaskSpec;
import dev.troupe.proto.journal.v1.Error;
import dev.troupe.proto.journal.v1.TaskResult;
import dev.troupe.proto.journal.v1.TasksEnded;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The results of a job's tasks: those in the journal, and those on their way into it. The latter
 * gather for a moment and go into one event (group commit); when it is durable, the messages that
 * brought them are acknowledged, and the workers forget them.
 *
 * <p>The driver hears of a result at once. Nothing is lost by that: a task is a pure function of
 * its input, its worker keeps the result until it is acknowledged, and whatever the driver does
 * with it comes back through the same job, which journals what has gathered before it journals
 * that. So a journal never holds an effect without its cause.
 */
final class Results {

  /** Beyond this, what has gathered is not to grow before it is written. */
  private static final int FULL_BYTES = 4 * 1024 * 1024;

  /** Half of what a worker sends before it waits for an acknowledgement. */
  private static final int FULL_MESSAGES = 32;

  private final JobRecord record;
  private final DriverMachine driver;
  private final JobPort port;
  private final Map<String, TaskResult> gathered = new LinkedHashMap<>();
  private final List<JobCommand.FromWorker> messages = new ArrayList<>();
  private int gatheredBytes;

  Results(JobRecord record, DriverMachine driver, JobPort port) {
    this.record = record;
    this.driver = driver;
    this.port = port;
  }

  /** The result of a task, journaled or not; null if there is none. */
  TaskResult find(String key) {
    TaskResult journaled = record.results().get(key);
    return journaled != null ? journaled : gathered.get(key);
  }

  /** The result that a task's end brings. */
  static TaskResult of(TaskEnd end) {
    TaskResult.Builder result = TaskResult.newBuilder().setKey(end.key());
    if (end.error() != null) {
      result.setError(Convert.error(end.error()));
    } else if (end.result() != null) {
      result.setResult(Convert.payload(end.result()));
    }
    return result.build();
  }

  /** The result of a task that has no try left. */
  static TaskResult failed(TaskSpec spec, String error) {
    return TaskResult.newBuilder()
        .setKey(spec.key())
        .setInputHash(spec.inputHash())
        .setError(Error.newBuilder().setMessage(error))
        .build();
  }

  /** Takes results in and tells the driver. */
  void add(List<TaskResult> results) {
    if (results.isEmpty()) {
      return;
    }
    for (TaskResult result : results) {
      gathered.put(result.getKey(), result);
      gatheredBytes += result.getSerializedSize();
    }
    Outcomes.batches(results).forEach(driver::tell);
    port.flushSoon();
  }

  /** Acknowledges a message once all that has gathered is durable. */
  void acknowledgeLater(JobCommand.FromWorker message) {
    messages.add(message);
    port.flushSoon();
  }

  boolean isFull() {
    return gatheredBytes >= FULL_BYTES || messages.size() >= FULL_MESSAGES;
  }

  /** Journals what has gathered. */
  void flush(Outbox out) {
    List<TaskResult> results = List.copyOf(gathered.values());
    List<JobCommand.FromWorker> due = List.copyOf(messages);
    gathered.clear();
    gatheredBytes = 0;
    messages.clear();
    if (!results.isEmpty() && !record.isTerminal()) {
      out.journal(out.event().setTasksEnded(TasksEnded.newBuilder().addAllResults(results)));
    }
    out.then(() -> due.forEach(JobCommand.FromWorker::acknowledge));
  }
}
