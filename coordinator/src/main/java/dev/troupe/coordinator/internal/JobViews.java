package dev.troupe.coordinator.internal;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.proto.journal.v1.ArtifactRecorded;
import dev.troupe.proto.journal.v1.Member;
import dev.troupe.proto.journal.v1.Payload;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.Gang;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.ListArtifactsResponse;
import dev.troupe.proto.v1.Metric;
import dev.troupe.proto.v1.Progress;
import dev.troupe.proto.v1.TaskCounts;
import java.util.Map;

/** Jobs as the public API shows them. */
final class JobViews {

  /** What only the entity's memory knows of a job's tasks. */
  record Counts(long submitted, long running, long retried) {}

  private JobViews() {}

  static Job job(
      JobRecord record,
      String pendingReason,
      Progress progress,
      Counts counts,
      Map<String, GangMachine> machines) {
    Job.Builder job =
        Job.newBuilder()
            .setId(record.accepted().getJobId())
            .setSpec(record.accepted().getSpec())
            .setState(record.state())
            .setCreated(Times.fromMillis(record.created()))
            .setPendingReason(pendingReason)
            .addAllTimeline(record.timeline())
            .setTimelineDropped(record.timelineDropped())
            .addAllDriverAttempts(record.attempts());
    if (record.started() != 0) {
      job.setStarted(Times.fromMillis(record.started()));
    }
    if (record.isTerminal()) {
      job.setEnded(Times.fromMillis(record.endedAt()));
      if (record.ended().hasFailure()) {
        job.setFailure(record.ended().getFailure());
      }
      if (record.ended().hasResult()) {
        job.setResult(result(record.ended().getResult()));
      }
    }
    if (!progress.equals(Progress.getDefaultInstance())) {
      job.setProgress(progress);
    }
    job.setTasks(
        TaskCounts.newBuilder()
            .setSubmitted(Math.max(counts.submitted(), record.results().size()))
            .setRunning(counts.running())
            .setSucceeded(record.results().size() - record.failedTasks())
            .setFailed(record.failedTasks())
            .setRetried(counts.retried()));
    record.gangs().forEach((key, gang) -> job.addGangs(gang(key, gang, machines.get(key))));
    return job.build();
  }

  /** A result too large to show is named by its blob. */
  private static Struct result(Payload result) {
    if (!result.hasBlob()) {
      return Structs.parse(result.getJson());
    }
    return Struct.newBuilder()
        .putFields(
            "sha256", Value.newBuilder().setStringValue(result.getBlob().getSha256()).build())
        .putFields(
            "bytes",
            Value.newBuilder().setNumberValue((double) result.getBlob().getBytes()).build())
        .build();
  }

  private static Gang gang(String key, JobRecord.Gang gang, GangMachine machine) {
    String state =
        gang.ended != null
            ? gang.ended.hasError() ? "failed" : "succeeded"
            : machine == null ? "waiting" : machine.state();
    return Gang.newBuilder()
        .setKey(key)
        .setGeneration(gang.generation)
        .addAllWorkers(gang.members.stream().map(Member::getWorkerId).toList())
        .setState(state)
        .setMinSize(gang.submitted.getMinSize())
        .setMaxSize(gang.submitted.getMaxSize())
        .setCheckpointStep(gang.checkpointStep())
        .build();
  }

  /** A job as lists show it. */
  static Job summary(Job job) {
    return job.toBuilder()
        .clearTimeline()
        .clearTimelineDropped()
        .clearResult()
        .clearDriverAttempts()
        .build();
  }

  static ListArtifactsResponse artifacts(JobRecord record) {
    ListArtifactsResponse.Builder all = ListArtifactsResponse.newBuilder();
    for (ArtifactRecorded a : record.artifacts().values()) {
      all.addArtifacts(
          Artifact.newBuilder()
              .setName(a.getName())
              .setBytes(a.getBlob().getBytes())
              .setSha256(a.getBlob().getSha256())
              .setCreated(Times.fromMillis(a.getCreated())));
    }
    return all.build();
  }

  static Progress progress(ToJob.Progressed p) {
    Progress.Builder progress =
        Progress.newBuilder()
            .setPhase(p.phase() == null ? "" : p.phase())
            .setDone(p.done())
            .setTotal(p.total())
            .setTime(Times.fromMillis(System.currentTimeMillis()));
    if (p.metrics() != null) {
      p.metrics()
          .forEach(
              (name, value) ->
                  progress.addMetrics(Metric.newBuilder().setName(name).setValue(value)));
    }
    return progress.build();
  }
}
