package dev.troupe.coordinator.internal;

import dev.troupe.proto.v1.Job;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Follows one job for one client. Asks again every few seconds, for the job's entity forgets its
 * watchers when it is started anew.
 */
final class JobWatch extends AbstractBehavior<JobWatch.Command> {

  sealed interface Command {}

  /** The client is gone. */
  enum Leave implements Command {
    NOW
  }

  private enum Again implements Command {
    NOW
  }

  private record Told(Job job) implements Command {}

  private static final Duration AGAIN_EVERY = Duration.ofSeconds(5);

  private final String jobId;
  private final Jobs jobs;
  private final ControlPlane.Watcher watcher;
  private final ActorRef<Job> told;
  private Job last = Job.getDefaultInstance();

  static Behavior<Command> create(String jobId, Jobs jobs, ControlPlane.Watcher watcher) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(Again.NOW, Duration.ZERO, AGAIN_EVERY);
                  return new JobWatch(ctx, jobId, jobs, watcher);
                }));
  }

  private JobWatch(
      ActorContext<Command> ctx, String jobId, Jobs jobs, ControlPlane.Watcher watcher) {
    super(ctx);
    this.jobId = jobId;
    this.jobs = jobs;
    this.watcher = watcher;
    this.told = ctx.messageAdapter(Job.class, Told::new);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Told.class, m -> onTold(m.job()))
        .onMessage(Again.class, m -> onAgain())
        .onMessage(Leave.class, m -> Behaviors.stopped())
        .build();
  }

  private Behavior<Command> onAgain() {
    jobs.tell(jobId, new JobCommand.Watch(told));
    return this;
  }

  private Behavior<Command> onTold(Job job) {
    if (job.getId().isEmpty()) {
      watcher.failed(Refusal.jobNotFound(jobId));
      return Behaviors.stopped();
    }
    if (!job.equals(last)) {
      last = job;
      watcher.changed(job);
    }
    return JobStates.isTerminal(job.getState()) ? Behaviors.stopped() : this;
  }
}
