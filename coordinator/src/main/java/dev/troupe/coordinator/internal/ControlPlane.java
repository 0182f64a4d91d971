package dev.troupe.coordinator.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListJobsResponse;
import dev.troupe.proto.v1.SubmitJobRequest;
import dev.troupe.proto.v1.Worker;
import dev.troupe.proto.v1.Workload;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * What the front door asks of the actors behind it. Every stage completes exceptionally with a
 * {@link Refusal} for whatever a client should read.
 */
public interface ControlPlane {

  CompletionStage<Job> submit(SubmitJobRequest request);

  CompletionStage<Job> get(String jobId);

  CompletionStage<ListJobsResponse> list(int pageSize, String pageToken, Set<JobState> states);

  /**
   * Calls {@code watcher} with the job as it is now, then after each change, until the job has
   * ended or the subscription is closed.
   */
  Subscription watch(String jobId, Watcher watcher);

  CompletionStage<Job> cancel(String jobId, String reason);

  CompletionStage<List<ArtifactEntry>> artifacts(String jobId);

  CompletionStage<List<Worker>> workers();

  CompletionStage<Worker> drain(String workerId);

  CompletionStage<List<Workload>> workloads();

  /** A file that a job left behind. */
  record ArtifactEntry(String name, BlobRef blob, Instant created) {}

  /** Told of a job's changes; must not block. */
  interface Watcher {

    /** The job as it is; after one that has ended nothing more comes. */
    void changed(Job job);

    void failed(Throwable error);
  }

  /** Ends a watch. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}
