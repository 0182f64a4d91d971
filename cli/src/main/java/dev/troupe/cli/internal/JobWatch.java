package dev.troupe.cli.internal;

import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobUpdate;
import dev.troupe.proto.v1.WatchJobRequest;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.function.Consumer;

/** Follows a job to its end, over any number of connections. */
public final class JobWatch {

  private JobWatch() {}

  /**
   * Returns the job as it has ended.
   *
   * @param each told of the job now and of each change
   * @param patience how long a coordinator may be away once it has answered
   * @throws StatusRuntimeException if the cluster cannot be reached, or has no such job
   */
  public static Job follow(
      Client client, Io io, String jobId, Duration patience, Consumer<Job> each) {
    Reconnect reconnect = new Reconnect(client, io, patience);
    WatchJobRequest request = WatchJobRequest.newBuilder().setJobId(jobId).build();
    boolean answered = false;
    while (true) {
      try {
        Iterator<JobUpdate> updates = client.jobStreams().watchJob(request);
        while (updates.hasNext()) {
          Job job = updates.next().getJob();
          answered = true;
          reconnect.answered();
          each.accept(job);
          if (Views.ended(job)) {
            return job;
          }
        }
        reconnect.endedEarly();
      } catch (StatusRuntimeException e) {
        if (!answered) {
          throw e;
        }
        reconnect.failed(e);
      }
    }
  }
}
