package dev.troupe.worker.internal;

import com.fasterxml.jackson.databind.JavaType;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.GangMember;
import dev.troupe.core.GangSize;
import dev.troupe.core.Handle;
import dev.troupe.core.JobContext;
import dev.troupe.core.Json;
import dev.troupe.core.Task;
import java.util.List;

/** What a driver sees of the cluster. */
final class DriverContext extends BaseContext implements JobContext {

  private static final int MAX_KEY_CHARS = 128;

  private final Services services;
  private final Handles handles;
  private final int attempt;

  DriverContext(Services services, String jobId, String workload, int attempt, Handles handles) {
    super(services, jobId, workload, "driver");
    this.services = services;
    this.handles = handles;
    this.attempt = attempt;
  }

  @Override
  public int attempt() {
    return attempt;
  }

  @Override
  public <R> Handle<R> submit(String key, Task<R> task) {
    requireKey(key);
    Class<?> type = task.getClass();
    WorkloadCatalog.requireRecord(type, Task.class);
    JavaType result = Json.resultType(type, Task.class);
    String input = Json.write(task);
    return handles.submitTask(
        new ToJob.TaskSpec(
            key,
            type.getName(),
            Payloads.pack(services.store(), input),
            InputHash.of(type.getName(), input)),
        result);
  }

  @Override
  public <R> Handle<R> gang(String key, GangSize size, GangMember<R> member) {
    requireKey(key);
    Class<?> type = member.getClass();
    WorkloadCatalog.requireRecord(type, GangMember.class);
    JavaType result = Json.resultType(type, GangMember.class);
    String input = Json.write(member);
    ToJob.SubmitGang first =
        new ToJob.SubmitGang(
            attempt,
            key,
            type.getName(),
            Payloads.pack(services.store(), input),
            InputHash.of(type.getName(), input),
            size.min(),
            size.max());
    return handles.submitGang(first, result);
  }

  @Override
  public <R> Handle<R> any(List<Handle<R>> waiting) throws InterruptedException {
    return waiting.get(handles.awaitAny(waiting));
  }

  private static void requireKey(String key) {
    if (key.isBlank()
        || key.length() > MAX_KEY_CHARS
        || key.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "key: '" + key + "' (expected: 1 to " + MAX_KEY_CHARS + " printable characters)");
    }
  }
}
