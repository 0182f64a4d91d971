package dev.troupe.cli.internal;

import com.google.protobuf.Timestamp;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.Attempt;
import dev.troupe.proto.v1.Failure;
import dev.troupe.proto.v1.Gang;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.Metric;
import dev.troupe.proto.v1.Progress;
import dev.troupe.proto.v1.TimelineEvent;
import dev.troupe.proto.v1.Worker;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The API's messages as plain values, for JSON and YAML: fields that are not set are left out. */
public final class Views {

  private static final Set<JobState> ENDED =
      Set.of(JobState.JOB_STATE_SUCCEEDED, JobState.JOB_STATE_FAILED, JobState.JOB_STATE_CANCELLED);

  private Views() {}

  /** {@code running}, {@code succeeded}. */
  public static String state(JobState state) {
    return state.name().substring("JOB_STATE_".length()).toLowerCase(Locale.ROOT);
  }

  public static boolean ended(Job job) {
    return ENDED.contains(job.getState());
  }

  /** What went wrong, for people; that the driver failed with it goes without saying. */
  public static String reason(Failure failure) {
    String where = failure.getWhere();
    return (where.isEmpty() || where.equals("driver") ? "" : where + ": ") + failure.getMessage();
  }

  public static Map<String, Object> job(Job job) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", job.getId());
    map.put("name", job.getSpec().getName());
    map.put("workload", job.getSpec().getWorkload());
    map.put("state", state(job.getState()));
    map.put("priority", job.getSpec().getPriority());
    putTime(map, "created", job.hasCreated(), job.getCreated());
    putTime(map, "started", job.hasStarted(), job.getStarted());
    putTime(map, "ended", job.hasEnded(), job.getEnded());
    putText(map, "pendingReason", job.getPendingReason());
    if (job.getState() == JobState.JOB_STATE_CANCELLED) {
      putText(map, "cancelReason", job.getFailure().getMessage());
    } else if (job.hasFailure()) {
      Map<String, Object> failure = new LinkedHashMap<>();
      failure.put("message", job.getFailure().getMessage());
      putText(failure, "where", job.getFailure().getWhere());
      putText(failure, "stack", job.getFailure().getStack());
      map.put("failure", failure);
    }
    map.put("options", Json.fromStruct(job.getSpec().getOptions()));
    if (job.hasResult()) {
      map.put("result", Json.fromStruct(job.getResult()));
    }
    if (job.hasProgress()) {
      map.put("progress", progress(job.getProgress()));
    }
    if (job.hasTasks()) {
      Map<String, Object> tasks = new LinkedHashMap<>();
      tasks.put("submitted", job.getTasks().getSubmitted());
      tasks.put("running", job.getTasks().getRunning());
      tasks.put("succeeded", job.getTasks().getSucceeded());
      tasks.put("failed", job.getTasks().getFailed());
      tasks.put("retried", job.getTasks().getRetried());
      map.put("tasks", tasks);
    }
    putList(map, "gangs", job.getGangsList().stream().map(Views::gang).toList());
    putList(
        map, "driverAttempts", job.getDriverAttemptsList().stream().map(Views::attempt).toList());
    putList(map, "timeline", job.getTimelineList().stream().map(Views::event).toList());
    if (job.getTimelineDropped() > 0) {
      map.put("timelineDropped", job.getTimelineDropped());
    }
    return map;
  }

  private static Map<String, Object> progress(Progress progress) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("phase", progress.getPhase());
    map.put("done", progress.getDone());
    map.put("total", progress.getTotal());
    Map<String, Object> metrics = new LinkedHashMap<>();
    for (Metric metric : progress.getMetricsList()) {
      metrics.put(metric.getName(), metric.getValue());
    }
    map.put("metrics", metrics);
    return map;
  }

  private static Map<String, Object> gang(Gang gang) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("key", gang.getKey());
    map.put("state", gang.getState());
    map.put("generation", gang.getGeneration());
    map.put("workers", List.copyOf(gang.getWorkersList()));
    map.put("minSize", gang.getMinSize());
    map.put("maxSize", gang.getMaxSize());
    map.put("checkpointStep", gang.getCheckpointStep());
    return map;
  }

  private static Map<String, Object> event(TimelineEvent event) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("time", time(event.getTime()));
    map.put("message", event.getMessage());
    return map;
  }

  private static Map<String, Object> attempt(Attempt attempt) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("number", attempt.getNumber());
    map.put("worker", attempt.getWorker());
    putTime(map, "started", attempt.hasStarted(), attempt.getStarted());
    putTime(map, "ended", attempt.hasEnded(), attempt.getEnded());
    putText(map, "outcome", attempt.getOutcome());
    return map;
  }

  public static Map<String, Object> worker(Worker worker) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("id", worker.getId());
    map.put("host", worker.getHost());
    map.put("pid", worker.getPid());
    map.put("state", worker.getState());
    map.put("slots", worker.getSlots());
    map.put("slotsUsed", worker.getSlotsUsed());
    map.put("driverSlots", worker.getDriverSlots());
    map.put("driverSlotsUsed", worker.getDriverSlotsUsed());
    putTime(map, "joined", worker.hasJoined(), worker.getJoined());
    putTime(map, "lastHeartbeat", worker.hasLastHeartbeat(), worker.getLastHeartbeat());
    map.put("version", worker.getVersion());
    map.put("workloads", List.copyOf(worker.getWorkloadsList()));
    map.put("running", List.copyOf(worker.getRunningList()));
    return map;
  }

  public static Map<String, Object> artifact(Artifact artifact) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", artifact.getName());
    map.put("bytes", artifact.getBytes());
    map.put("sha256", artifact.getSha256());
    putTime(map, "created", artifact.hasCreated(), artifact.getCreated());
    return map;
  }

  private static String time(Timestamp time) {
    return Format.instant(time).toString();
  }

  private static void putTime(Map<String, Object> map, String name, boolean set, Timestamp time) {
    if (set) {
      map.put(name, time(time));
    }
  }

  private static void putText(Map<String, Object> map, String name, String text) {
    if (!text.isEmpty()) {
      map.put(name, text);
    }
  }

  private static void putList(Map<String, Object> map, String name, List<?> list) {
    if (!list.isEmpty()) {
      map.put(name, list);
    }
  }
}
