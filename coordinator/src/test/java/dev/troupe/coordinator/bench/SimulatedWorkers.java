package dev.troupe.coordinator.bench;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeRole;
import dev.troupe.cluster.Nodes;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Gateway;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Many workers in one actor system, one slot and one driver slot each. They register, send
 * heartbeats that name their leases, and take drivers and tasks without ever ending them.
 */
final class SimulatedWorkers implements AutoCloseable {

  static final String WORKLOAD = "idle";

  private static final Duration BEAT = Duration.ofSeconds(1);
  private static final long WAIT_NANOS = 60_000_000_000L;

  private record Driver(String workerId, int attempt, long startedAt) {}

  /** What a worker is told: by the coordinator, or by its own clock. */
  private sealed interface Told {}

  private record Received(FromCoordinator message) implements Told {}

  private enum Tick implements Told {
    NOW
  }

  private final ActorSystem<Void> system;
  private final Map<String, Driver> drivers = new ConcurrentHashMap<>();
  private final Set<String> tasks = ConcurrentHashMap.newKeySet();
  private final AtomicLong messageIds = new AtomicLong();
  private final int controlPort;

  SimulatedWorkers(int count, int controlPort) {
    this.controlPort = controlPort;
    this.system =
        Nodes.start(
            Behaviors.setup(
                ctx -> {
                  for (int i = 0; i < count; i++) {
                    ctx.spawn(worker("w-" + i), "w-" + i);
                  }
                  return Behaviors.empty();
                }),
            NodeConfig.of(ConfigFactory.empty()),
            NodeRole.WORKER,
            ConfigFactory.parseString("pekko.loglevel = WARNING"));
  }

  /** When the job's driver was started, in {@link System#nanoTime}. */
  long awaitDriver(String job) {
    long until = System.nanoTime() + WAIT_NANOS;
    while (!drivers.containsKey(job)) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException("no driver of " + job + " was started");
      }
      LockSupport.parkNanos(200_000);
    }
    return drivers.get(job).startedAt();
  }

  /** Each driver submits so many tasks. */
  void submitTasks(int count) {
    List<ToJob.TaskSpec> specs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      specs.add(new ToJob.TaskSpec("t/" + i, "demo.Task", Payload.inline("{}"), "hash"));
    }
    ActorRef<FromWorker> gateway = gateway(system);
    drivers.forEach(
        (job, driver) ->
            gateway.tell(
                new FromWorker.Envelope(
                    job,
                    driver.workerId(),
                    incarnation(driver.workerId()),
                    messageIds.incrementAndGet(),
                    new ToJob.SubmitTasks(driver.attempt(), specs))));
  }

  /** Tasks that have reached a worker. */
  long tasksStarted() {
    return tasks.size();
  }

  @Override
  public void close() {
    system.terminate();
  }

  private static String incarnation(String workerId) {
    return workerId + "-1";
  }

  private ActorRef<FromWorker> gateway(ActorSystem<?> of) {
    return ActorRefResolver.get(of).resolveActorRef(Gateway.path("127.0.0.1", controlPort));
  }

  private Behavior<Told> worker(String id) {
    return Behaviors.setup(
        ctx ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerAtFixedRate(Tick.NOW, BEAT);
                  ActorRef<FromCoordinator> self =
                      ctx.messageAdapter(FromCoordinator.class, Received::new);
                  Worker worker = new Worker(id, self, gateway(ctx.getSystem()));
                  worker.hello();
                  return Behaviors.receive(Told.class)
                      .onMessage(
                          Received.class,
                          m -> {
                            worker.on(m.message());
                            return Behaviors.same();
                          })
                      .onMessage(
                          Tick.class,
                          m -> {
                            worker.beat();
                            return Behaviors.same();
                          })
                      .build();
                }));
  }

  private final class Worker {

    private final String id;
    private final ActorRef<FromCoordinator> self;
    private final ActorRef<FromWorker> gateway;
    private final Set<String> leases = new HashSet<>();
    private long beats;

    Worker(String id, ActorRef<FromCoordinator> self, ActorRef<FromWorker> gateway) {
      this.id = id;
      this.self = self;
      this.gateway = gateway;
    }

    void hello() {
      WorkerInfo info =
          new WorkerInfo(
              id,
              incarnation(id),
              "127.0.0.1",
              "host",
              1,
              1,
              1,
              1,
              "bench",
              List.of(new WorkerInfo.WorkloadInfo(WORKLOAD, "Does nothing", "{}")));
      gateway.tell(new FromWorker.Hello(info, self, List.of(), false, ""));
    }

    void beat() {
      gateway.tell(
          new FromWorker.Heartbeat(id, incarnation(id), beats++, List.copyOf(leases), self));
    }

    void on(FromCoordinator message) {
      if (message instanceof FromCoordinator.CheckOptions check) {
        gateway.tell(new FromWorker.OptionsChecked(check.requestId(), List.of()));
      } else if (message instanceof FromCoordinator.WhoAreYou) {
        hello();
      } else if (message instanceof FromCoordinator.StartDriver start) {
        leases.add(start.lease().leaseId());
        drivers.putIfAbsent(
            start.lease().jobId(), new Driver(id, start.attempt(), System.nanoTime()));
        say(
            start.lease().jobId(),
            new ToJob.DriverStarted(start.lease().leaseId(), start.attempt()));
      } else if (message instanceof FromCoordinator.RunTasks run) {
        leases.add(run.lease().leaseId());
        run.tasks().forEach(t -> tasks.add(run.lease().jobId() + "/" + t.spec().key()));
      } else if (message instanceof FromCoordinator.StopLease stop) {
        leases.remove(stop.leaseId());
      } else if (message instanceof FromCoordinator.HeartbeatAck ack) {
        leases.removeAll(ack.unknown());
      }
    }

    private void say(String job, ToJob message) {
      gateway.tell(
          new FromWorker.Envelope(job, id, incarnation(id), messageIds.incrementAndGet(), message));
    }
  }
}
