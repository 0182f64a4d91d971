package dev.troupe.cli.testkit;

import com.google.protobuf.Struct;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import dev.troupe.proto.v1.Failure;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListWorkloadsResponse;
import dev.troupe.proto.v1.Progress;
import dev.troupe.proto.v1.Workload;

/** Two jobs that have ended and a workload with options of each type, to try commands on. */
public final class SampleJobs {

  public static final Timestamp T0 = Timestamp.newBuilder().setSeconds(1_750_000_000).build();
  public static final Timestamp T1 = Timestamp.newBuilder().setSeconds(1_750_000_090).build();

  private SampleJobs() {}

  /**
   * A cluster that has them: {@code pi-2} succeeded, {@code pi-1} failed, {@code sft} can be run.
   */
  public static FakeCluster cluster() {
    FakeCluster cluster = new FakeCluster();
    cluster.jobs.put("pi-2", pi("pi-2", JobState.JOB_STATE_SUCCEEDED));
    cluster.jobs.put("pi-1", pi("pi-1", JobState.JOB_STATE_FAILED));
    cluster.workloads =
        ListWorkloadsResponse.newBuilder()
            .addWorkloads(
                Workload.newBuilder()
                    .setName("sft")
                    .setSummary("fine-tunes a language model")
                    .setWorkers(2)
                    .setOptionsSchema(
                        """
                        {"type": "object", "required": ["model"], "properties": {
                          "model": {"type": "string", "format": "path", "description": "a folder"},
                          "data": {"type": "array", "items": {"type": "string", "format": "path"}},
                          "epochs": {"type": "number", "exclusiveMinimum": 0, "default": 1},
                          "note": {"type": "string", "default": ""}}}
                        """))
            .build();
    return cluster;
  }

  public static Job pi(String id, JobState state) {
    Job.Builder job =
        Job.newBuilder()
            .setId(id)
            .setState(state)
            .setSpec(
                JobSpec.newBuilder()
                    .setWorkload("pi")
                    .setName("pi")
                    .setOptions(number("tasks", 16)))
            .setCreated(T0)
            .setStarted(T0)
            .setEnded(T1)
            .setProgress(Progress.newBuilder().setPhase("sample").setDone(8).setTotal(16));
    if (state == JobState.JOB_STATE_SUCCEEDED) {
      return job.setResult(number("pi", 3.14)).build();
    }
    return job.setFailure(
            Failure.newBuilder()
                .setMessage("out of luck")
                .setWhere("sample/3")
                .setStack("java.lang.Error: out of luck\n  at Pi.run\n"))
        .build();
  }

  public static Struct number(String name, double value) {
    return Struct.newBuilder()
        .putFields(name, Value.newBuilder().setNumberValue(value).build())
        .build();
  }
}
