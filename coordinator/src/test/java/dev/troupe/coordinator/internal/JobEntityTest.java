package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.Peer;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.BlobRef;
import dev.troupe.proto.journal.v1.JobAccepted;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A job's entity between the scheduler, the index and a worker; its journal fails when told to. */
@Timeout(120)
class JobEntityTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  private TestSystem system;
  private TestProbe<SchedulerCommand> scheduler;
  private TestProbe<JobIndex.Command> index;
  private TestProbe<ClusterSharding.ShardCommand> shard;
  private TestProbe<FromCoordinator> worker;
  private TestProbe<CborMessage> gateway;
  private JobEntity.Env env;

  @BeforeEach
  void start() {
    system = new TestSystem();
    scheduler = system.kit.createTestProbe(SchedulerCommand.class);
    index = system.kit.createTestProbe(JobIndex.Command.class);
    shard = system.kit.createTestProbe(ClusterSharding.ShardCommand.class);
    worker = system.kit.createTestProbe(FromCoordinator.class);
    gateway = system.kit.createTestProbe(CborMessage.class);
    env = env();
  }

  private JobEntity.Env env() {
    return new JobEntity.Env(
        FakePort.SETTINGS,
        system.metrics,
        scheduler.getRef(),
        index.getRef(),
        system.kit.createTestProbe(LogWriter.Command.class).getRef(),
        blob -> "{}");
  }

  @AfterEach
  void stop() {
    system.close();
  }

  private ActorRef<JobCommand> spawn() {
    return system.kit.spawn(JobEntity.create("job", env, shard.getRef()));
  }

  private static JobCommand.Accept accept() {
    return new JobCommand.Accept(
        Wire.encode(
            JobAccepted.newBuilder()
                .setJobId("job")
                .setSpec(JobSpec.newBuilder().setWorkload("fake"))
                .setOptionsJson("{}")
                .build()),
        null);
  }

  private Slot slot() {
    return new Slot(
        Wants.DRIVER,
        new Lease("lease", "job", Lease.Kind.DRIVER, "worker-1", "worker-1-1", worker.getRef()),
        new Peer("worker-1", "127.0.0.1", 1, "host"));
  }

  private void say(ActorRef<JobCommand> job, long id, ToJob message) {
    job.tell(new JobCommand.FromWorker("worker-1", "worker-1-1", id, message, gateway.getRef()));
  }

  private <C> C next(TestProbe<? super C> probe, Class<C> type) {
    while (true) {
      Object message = probe.receiveMessage(SOON);
      if (type.isInstance(message)) {
        return type.cast(message);
      }
    }
  }

  private SchedulerCommand.Demand recoveringDemand() {
    SchedulerCommand.Demand demand = next(scheduler, SchedulerCommand.Demand.class);
    while (!demand.recovering()) {
      demand = next(scheduler, SchedulerCommand.Demand.class);
    }
    return demand;
  }

  private ActorRef<JobCommand> withDriver() {
    ActorRef<JobCommand> job = spawn();
    job.tell(accept());
    assertThat(next(scheduler, SchedulerCommand.Demand.class).recovering()).isFalse();
    job.tell(new JobCommand.Granted(List.of(slot())));
    assertThat(next(worker, FromCoordinator.StartDriver.class).attempt()).isEqualTo(1);
    say(job, 1, new ToJob.DriverStarted("lease", 1));
    next(gateway, Gateway.Ack.class);
    return job;
  }

  @Test
  void aWatcherSeesHowAPhaseEndedThoughTheNextBeginsAtOnce() {
    ActorRef<JobCommand> job = withDriver();
    TestProbe<Job> watcher = system.kit.createTestProbe(Job.class);
    job.tell(new JobCommand.Watch(watcher.getRef()));
    say(job, -1, new ToJob.Progressed("train/0", "train", 400, 400, Map.of()));
    say(job, -1, new ToJob.Progressed("driver", "evaluate", 0, 8, Map.of()));
    List<String> seen = new ArrayList<>();
    while (!seen.contains("evaluate 0")) {
      Progress progress = watcher.receiveMessage(SOON).getProgress();
      seen.add(progress.getPhase() + " " + progress.getDone());
    }
    assertThat(seen).contains("train 400");
  }

  /** What was in memory is gone with the failed write; who holds work has to say so again. */
  @Test
  void aJobWhoseJournalFailedLearnsAnewWhatRuns() {
    ActorRef<JobCommand> job = withDriver();
    system.journal.failNextPersisted(JobEntity.persistenceId("job").id());
    ToJob artifact = new ToJob.ArtifactWritten("report", new BlobRef("ab".repeat(32), 7));
    say(job, 2, artifact);
    assertThat(recoveringDemand().holds())
        .extracting(SchedulerCommand.Hold::leaseId)
        .containsExactly("lease");
    job.tell(
        new JobCommand.HeldByWorker(
            slot(), new Held("lease", "job", Lease.Kind.DRIVER, List.of("driver"), 1)));
    assertThat(next(worker, FromCoordinator.StartDriver.class).attempt()).isEqualTo(1);
    say(job, 2, artifact); // not acknowledged, so said again
    assertThat(next(gateway, Gateway.Ack.class).messageId()).isEqualTo(2);
  }

  @Test
  void aJobThatMovedAsksForItsDriverUntilItIsInSight() {
    system.kit.stop(withDriver());
    spawn();
    assertThat(recoveringDemand().holds()).hasSize(1);
    assertThat(recoveringDemand().holds()).as("once more, without any answer").hasSize(1);
  }

  /** Its last words may have been lost with the coordinator that it ended on. */
  @Test
  void aJobThatEndedTellsAgainThatItHoldsNothing() {
    ActorRef<JobCommand> job = withDriver();
    say(job, 2, new ToJob.DriverEnded("lease", 1, Payload.inline("{}"), null));
    next(gateway, Gateway.Ack.class);
    system.kit.stop(job);
    scheduler =
        system.kit.createTestProbe(SchedulerCommand.class); // what the old one was told is lost
    env = env();
    ActorRef<JobCommand> again = spawn();
    SchedulerCommand.Demand last = next(scheduler, SchedulerCommand.Demand.class);
    assertThat(last.holds()).isEmpty();
    assertThat(last.wants()).isEmpty();
    again.tell(new JobCommand.Granted(List.of(slot())));
    SchedulerCommand.Release release = next(scheduler, SchedulerCommand.Release.class);
    assertThat(release.leaseId()).isEqualTo("lease");
    assertThat(release.stop()).isTrue();
    TestProbe<Job> asker = system.kit.createTestProbe(Job.class);
    again.tell(new JobCommand.Get(asker.getRef()));
    assertThat(asker.receiveMessage(SOON).getState()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
  }
}
