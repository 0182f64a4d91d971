package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.Limits;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.ToJob.TaskEnd;
import dev.troupe.cluster.protocol.ToJob.TaskSpec;
import dev.troupe.proto.journal.v1.JobEvent;
import dev.troupe.proto.v1.JobState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LiveJobTest {

  private final FakePort port = new FakePort();
  private final JobRecord record = FakePort.placed("driver-lease", "worker-1");
  private Metrics metrics;
  private LiveJob job;

  @BeforeEach
  void start() {
    metrics = Metrics.start(NodeConfig.of(ConfigFactory.parseString("troupe.metrics-port = -1")));
    job =
        new LiveJob(
            "job",
            record,
            new JobEntity.Env(
                FakePort.SETTINGS, new CoordinatorMetrics(metrics), null, null, null, blob -> "{}"),
            port);
  }

  @AfterEach
  void stop() {
    metrics.close();
  }

  private static JobCommand.FromWorker message(ToJob said) {
    return new JobCommand.FromWorker("worker-1", "worker-1-1", -1, said, null);
  }

  private static ToJob.TasksEnded ended(String key, String result) {
    return new ToJob.TasksEnded(
        "lease", List.of(new TaskEnd(key, 1, Payload.inline(result), null, 0.1)));
  }

  private void onTasksEnded(ToJob.TasksEnded ends, Outbox out) {
    job.onTasksEnded(message(ends), ends, out);
  }

  @Test
  void aRestartedJobSaysThatItsWorkersHaveToTell() {
    assertThat(job.demand(false).recovering()).as("its driver is not in sight").isTrue();
    job.onHeld(FakePort.driverSlot("driver-lease", "worker-1"), null, new Outbox());
    assertThat(job.demand(false).recovering()).isFalse();
    assertThat(job.demand(true).recovering()).isTrue();
  }

  @Test
  void theDriverHearsOfAResultAtOnceAndItIsJournaledWithOthers() {
    job.onHeld(FakePort.driverSlot("driver-lease", "worker-1"), null, new Outbox());
    Outbox none = new Outbox();
    onTasksEnded(ended("a", "1"), none);
    onTasksEnded(ended("b", "2"), none);
    onTasksEnded(ended("a", "1"), none);
    assertThat(none.events()).isEmpty();
    assertThat(port.flushes).isPositive();
    assertThat(port.sent(FromCoordinator.Outcomes.class))
        .flatExtracting(FromCoordinator.Outcomes::outcomes)
        .extracting(FromCoordinator.Outcome::key)
        .containsExactly("a", "b");
    Outbox out = new Outbox();
    job.flush(out);
    assertThat(out.events()).hasSize(1);
    assertThat(out.events().get(0).getTasksEnded().getResultsCount()).isEqualTo(2);
  }

  @Test
  void aResultThatIsNotJournaledYetAnswersADriverThatSubmitsItsTaskAgain() {
    onTasksEnded(ended("a", "1"), new Outbox());
    job.onHeld(FakePort.driverSlot("driver-lease", "worker-1"), null, new Outbox());
    TaskSpec again = new TaskSpec("a", "demo.Task", Payload.inline("1"), "hash");
    job.onMessage(new ToJob.SubmitTasks(1, List.of(again)), new Outbox());
    assertThat(port.sent(FromCoordinator.Outcomes.class))
        .flatExtracting(FromCoordinator.Outcomes::outcomes)
        .extracting(FromCoordinator.Outcome::key)
        .containsExactly("a");
  }

  @Test
  void whatADriverTellsOnceMoreDoesNotHideItsGangsProgress() {
    Outbox out = new Outbox();
    job.onMessage(
        new ToJob.SubmitGang(1, "train", "demo.Gang", Payload.inline("1"), "hash", 1, 2), out);
    job.onLeaseLost("driver-lease", "worker lost", out);
    FakePort.carryOut(out, record);
    port.now += 60_000;
    Outbox placed = new Outbox();
    job.onTick(placed);
    job.onGranted(List.of(FakePort.driverSlot("driver-lease-2", "worker-2")), placed);
    FakePort.carryOut(placed, record);
    assertThat(record.attempt()).isEqualTo(2);

    job.onMessage(new ToJob.Progressed("train/0", "train", 7, 10, Map.of()), new Outbox());
    job.onMessage(new ToJob.Progressed("driver", "before", 3, 3, Map.of()), new Outbox());

    assertThat(job.view().getProgress().getPhase()).isEqualTo("train");
  }

  @Test
  void aGangGetsTheSlotsOfTasksThatHaveEndedAtOnce() {
    job.onGranted(List.of(FakePort.taskSlot("lease", "worker-1")), new Outbox());
    TaskSpec task = new TaskSpec("a", "demo.Task", Payload.inline("1"), "hash");
    job.onMessage(new ToJob.SubmitTasks(1, List.of(task)), new Outbox());
    onTasksEnded(ended("a", "1"), new Outbox());
    assertThat(port.released).as("more tasks may follow").isEmpty();

    Outbox out = new Outbox();
    job.onMessage(
        new ToJob.SubmitGang(1, "train", "demo.Gang", Payload.inline("1"), "hash", 1, 2), out);
    FakePort.carryOut(out, record);

    assertThat(port.released).containsExactly(new FakePort.Released("lease", false));
  }

  @Test
  void aTaskThatItsDriversWorkerHasBegunIsSentToNobodyUntilThatWorkerIsLost() {
    job.onGranted(List.of(FakePort.taskSlot("lease", "worker-1")), new Outbox());
    TaskSpec task = new TaskSpec("a", "demo.Task", Payload.inline("1"), "hash");
    job.onMessage(new ToJob.SubmitTasks(1, List.of(task), "lease"), new Outbox());
    settle();
    assertThat(port.sent(FromCoordinator.RunTasks.class)).isEmpty();

    job.onLeaseLost("lease", "worker lost", new Outbox());
    settle();
    job.onGranted(List.of(FakePort.taskSlot("lease-2", "worker-2")), new Outbox());

    assertThat(port.sent(FromCoordinator.RunTasks.class))
        .flatExtracting(FromCoordinator.RunTasks::tasks)
        .extracting(run -> run.spec().key(), FromCoordinator.TaskRun::attempt)
        .containsExactly(tuple("a", 2));
  }

  @Test
  void aTaskThatWasBegunUnderALeaseThatIsOverIsSentToAnother() {
    job.onGranted(List.of(FakePort.taskSlot("lease", "worker-1")), new Outbox());
    TaskSpec task = new TaskSpec("a", "demo.Task", Payload.inline("1"), "hash");
    job.onMessage(new ToJob.SubmitTasks(1, List.of(task), "over"), new Outbox());
    settle();
    assertThat(port.sent(FromCoordinator.RunTasks.class)).hasSize(1);
  }

  /** Long enough for workers to have told what they run, and for any back-off. */
  private void settle() {
    port.now += 10_000;
    job.onTick(new Outbox());
  }

  @Test
  void theJournalHoldsNoEffectWithoutItsCause() {
    onTasksEnded(ended("a", "1"), new Outbox());
    Outbox gang = new Outbox();
    job.onMessage(
        new ToJob.SubmitGang(1, "train", "demo.Gang", Payload.inline("1"), "hash", 1, 2), gang);
    assertThat(gang.events())
        .extracting(JobEvent::getEventCase)
        .containsExactly(JobEvent.EventCase.TASKS_ENDED, JobEvent.EventCase.GANG_SUBMITTED);
    onTasksEnded(ended("b", "2"), new Outbox());
    Outbox end = new Outbox();
    job.onMessage(new ToJob.DriverEnded("driver-lease", 1, Payload.inline("{}"), null), end);
    assertThat(end.events())
        .extracting(JobEvent::getEventCase)
        .containsExactly(JobEvent.EventCase.TASKS_ENDED, JobEvent.EventCase.ENDED);
  }

  @Test
  void whatHasGatheredIsWrittenByTheNextTickIfTheFlushWasDropped() {
    onTasksEnded(ended("a", "1"), new Outbox());
    Outbox tick = new Outbox();
    job.onTick(tick);
    assertThat(tick.events()).hasSize(1);
  }

  @Test
  void aWriteDoesNotGrowWithoutBound() {
    String large = "\"" + "x".repeat(Limits.MAX_INLINE_BYTES) + "\"";
    int bytes = 0;
    Outbox out = new Outbox();
    for (int i = 0; out.events().isEmpty(); i++) {
      onTasksEnded(ended("t/" + i, large), out);
      bytes += large.length();
      assertThat(bytes).isLessThan(16 * 1024 * 1024);
    }
    assertThat(out.events().get(0).getSerializedSize()).isGreaterThan(bytes - 1024);
  }

  @Test
  void aSlotForAJobThatHasEndedIsStoppedAndTheWishWithdrawn() {
    Outbox out = new Outbox();
    job.onMessage(new ToJob.DriverEnded("driver-lease", 1, Payload.inline("{}"), null), out);
    FakePort.carryOut(out, record);
    assertThat(record.state()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    port.released.clear();
    job.onGranted(List.of(FakePort.taskSlot("late", "worker-1")), new Outbox());
    assertThat(port.released).containsExactly(new FakePort.Released("late", true));
    assertThat(job.demand(false).wants()).isEmpty();
    assertThat(job.demand(false).holds()).isEmpty();
  }

  @Test
  void aDriverWhoseKeysChangeFromRunToRunFailsItsJobInsteadOfHangingIt() {
    List<TaskSpec> tasks = new ArrayList<>();
    for (int i = 0; i <= LiveJob.MAX_OPEN_TASKS; i++) {
      tasks.add(new TaskSpec("t/" + i, "demo.Task", Payload.inline("1"), "hash"));
    }
    Outbox out = new Outbox();
    job.onMessage(new ToJob.SubmitTasks(1, tasks), out);
    assertThat(out.events()).isEmpty();
    job.onMessage(new ToJob.SubmitTasks(1, tasks.subList(0, 1)), out);
    FakePort.carryOut(out, record);
    assertThat(record.state()).isEqualTo(JobState.JOB_STATE_FAILED);
    assertThat(record.ended().getFailure().getMessage())
        .startsWith("more than 100000 tasks have no result");
  }
}
