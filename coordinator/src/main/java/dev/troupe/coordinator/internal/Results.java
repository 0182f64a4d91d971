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
 * gather while a write is under way and go into one event (group commit); when it is durable, the
 * driver hears of them and the messages that brought them are acknowledged.
 */
final class Results {

  /** Beyond this, what has gathered is not to grow before it is written. */
  private static final int FULL_BYTES = 4 * 1024 * 1024;

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

  boolean isKnown(String key) {
    return record.results().containsKey(key) || gathered.containsKey(key);
  }

  /** A result that is not in the journal yet; null if there is none. */
  TaskResult gathered(String key) {
    return gathered.get(key);
  }

  void add(TaskEnd end) {
    TaskResult.Builder result = TaskResult.newBuilder().setKey(end.key());
    if (end.error() != null) {
      result.setError(Convert.error(end.error()));
    } else if (end.result() != null) {
      result.setResult(Convert.payload(end.result()));
    }
    add(result.build());
  }

  /** A task that has no try left. */
  void addFailed(TaskSpec spec, String error) {
    add(
        TaskResult.newBuilder()
            .setKey(spec.key())
            .setInputHash(spec.inputHash())
            .setError(Error.newBuilder().setMessage(error))
            .build());
  }

  private void add(TaskResult result) {
    gathered.put(result.getKey(), result);
    gatheredBytes += result.getSerializedSize();
    port.flushSoon();
  }

  /** Acknowledges a message once all that has gathered is durable. */
  void acknowledgeLater(JobCommand.FromWorker message) {
    messages.add(message);
    port.flushSoon();
  }

  boolean isFull() {
    return gatheredBytes >= FULL_BYTES;
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
      out.then(() -> Outcomes.batches(results).forEach(driver::tell));
    }
    out.then(() -> due.forEach(JobCommand.FromWorker::acknowledge));
  }
}
