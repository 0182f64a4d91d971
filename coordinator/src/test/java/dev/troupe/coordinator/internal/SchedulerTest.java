package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.WorkerInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The scheduler as an actor, between a worker's and the jobs' mailboxes. */
@Timeout(120)
class SchedulerTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  private final Map<String, BlockingQueue<JobCommand>> jobs = new ConcurrentHashMap<>();
  private ActorTestKit kit;
  private Metrics metrics;
  private ActorRef<SchedulerCommand> scheduler;
  private TestProbe<FromCoordinator> worker;

  @BeforeEach
  void start() {
    kit =
        ActorTestKit.create(
            NodeConfig.of(ConfigFactory.parseString("pekko.actor.provider = local")).raw());
    metrics = Metrics.start(NodeConfig.of(ConfigFactory.parseString("troupe.metrics-port = -1")));
    scheduler =
        kit.spawn(
            Scheduler.create(
                FakePort.SETTINGS,
                (id, command) -> mailbox(id).add(command),
                new CoordinatorMetrics(metrics)));
    worker = kit.createTestProbe(FromCoordinator.class);
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
    metrics.close();
  }

  private BlockingQueue<JobCommand> mailbox(String job) {
    return jobs.computeIfAbsent(job, id -> new LinkedBlockingQueue<>());
  }

  /** The job's next message of that type. */
  private <C extends JobCommand> C take(String job, Class<C> type) throws InterruptedException {
    while (true) {
      JobCommand next = mailbox(job).poll(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(next).as("a " + type.getSimpleName() + " for " + job).isNotNull();
      if (type.isInstance(next)) {
        return type.cast(next);
      }
    }
  }

  /** The worker's next message of that type. */
  private <M extends FromCoordinator> M heard(Class<M> type) {
    while (true) {
      FromCoordinator next = worker.receiveMessage(SOON);
      if (type.isInstance(next)) {
        return type.cast(next);
      }
    }
  }

  private void hello(boolean draining, Held... held) {
    WorkerInfo info =
        new WorkerInfo(
            "worker-1",
            "worker-1-1",
            "127.0.0.1",
            "host",
            1,
            2,
            1,
            1,
            "test",
            List.of(new WorkerInfo.WorkloadInfo("fake", "", "{}")));
    scheduler.tell(
        new SchedulerCommand.WorkerHello(
            new FromWorker.Hello(info, worker.getRef(), List.of(held), draining, "")));
    heard(FromCoordinator.Welcome.class);
  }

  private void demand(String job, int tasks, boolean recovering, Slot... holds) {
    scheduler.tell(
        new SchedulerCommand.Demand(
            job,
            "fake",
            0,
            1,
            tasks == 0
                ? List.of()
                : List.of(new SchedulerCommand.Want(Wants.TASKS, Lease.Kind.TASKS, 1, tasks)),
            List.of(holds).stream()
                .map(
                    s ->
                        new SchedulerCommand.Hold(
                            s.leaseId(), s.request(), "worker-1", "worker-1-1"))
                .toList(),
            recovering));
  }

  private Slot granted(String job) throws InterruptedException {
    return take(job, JobCommand.Granted.class).slots().get(0);
  }

  /** One heartbeat and what the worker heard before it was answered. */
  private boolean isAskedForHello(String lease) {
    scheduler.tell(
        new SchedulerCommand.WorkerBeat(
            new FromWorker.Heartbeat(
                "worker-1", "worker-1-1", 1, List.of(lease), worker.getRef())));
    boolean asked = false;
    while (true) {
      FromCoordinator next = worker.receiveMessage(SOON);
      asked |= next instanceof FromCoordinator.WhoAreYou;
      if (next instanceof FromCoordinator.HeartbeatAck) {
        return asked;
      }
    }
  }

  @Test
  void theWorkersOfAJobThatRecoversAreAskedWhatTheyHold() throws InterruptedException {
    hello(false);
    demand("job", 1, false);
    Slot slot = granted("job");
    demand("job", 1, true);
    // A worker that has just said Hello is not asked again at once.
    while (!isAskedForHello(slot.leaseId())) {
      LockSupport.parkNanos(20_000_000);
      demand("job", 1, true);
    }
    hello(false, new Held(slot.leaseId(), "job", Lease.Kind.TASKS, List.of("a", "b"), 0));
    JobCommand.HeldByWorker held = take("job", JobCommand.HeldByWorker.class);
    assertThat(held.held().keys()).containsExactly("a", "b");
    assertThat(held.slot().leaseId()).isEqualTo(slot.leaseId());
  }

  @Test
  void aWorkerThatDrainsWhenItRegistersIsLeft() throws InterruptedException {
    hello(true, new Held("lease", "job", Lease.Kind.GANG, List.of("train"), 1));
    Slot slot = take("job", JobCommand.HeldByWorker.class).slot();
    demand("job", 0, false, slot);
    assertThat(take("job", JobCommand.LeaseDraining.class).leaseId()).isEqualTo("lease");
  }

  @Test
  void aJobIsAskedForALeaseUntilItReturnsIt() throws InterruptedException {
    hello(false);
    demand("rich", 2, false);
    List<Slot> slots = take("rich", JobCommand.Granted.class).slots();
    assertThat(slots).hasSize(2);
    demand("poor", 1, false);
    JobCommand.GiveBack asked = take("rich", JobCommand.GiveBack.class);
    demand("rich", 2, false, slots.get(0), slots.get(1));
    assertThat(take("rich", JobCommand.GiveBack.class)).isEqualTo(asked);
    scheduler.tell(new SchedulerCommand.Release("rich", asked.leaseId(), false, "given back"));
    assertThat(granted("poor").request()).isEqualTo(Wants.TASKS);
  }
}
