package dev.troupe.coordinator;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeRole;
import dev.troupe.cluster.Nodes;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.Gateway;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.ActorSelection;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * A worker without workloads: an actor system of its own that speaks the control protocol. It says
 * Hello, sends heartbeats that name its leases, keeps messages until they are delivered and, if
 * told so, ends every task at once. All else is for the test to see ({@link #take}) and to say.
 */
final class FakeWorker implements AutoCloseable {

  static final String WORKLOAD = "fake";
  static final String SCHEMA =
      "{\"type\":\"object\",\"properties\":{\"steps\":{\"type\":\"integer\",\"minimum\":1,"
          + "\"default\":10,\"description\":\"how many\"},\"note\":{\"type\":\"string\"}},"
          + "\"additionalProperties\":false}";

  private static final long HEARTBEAT_MILLIS = 200;
  private static final long RESEND_MILLIS = 500;

  private final String id;
  private final int slots;
  private final ActorSystem<FromCoordinator> system;
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final List<Future<?>> timers = new ArrayList<>();
  private final BlockingQueue<FromCoordinator> inbox = new LinkedBlockingQueue<>();
  private final Set<String> leases = ConcurrentHashMap.newKeySet();
  private final Map<String, Lease> leasesById = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> keysOf = new ConcurrentHashMap<>();
  private final Map<String, Long> generationOf = new ConcurrentHashMap<>();
  private final Map<Long, FromWorker.Envelope> undelivered = new LinkedHashMap<>();
  private final AtomicLong messageIds = new AtomicLong();
  private final AtomicLong beats = new AtomicLong();
  private final List<String> ran = new ArrayList<>();
  private volatile ActorSelection gateway;
  private volatile String incarnation = UUID.randomUUID().toString();
  private volatile boolean runsTasks = true;
  private volatile boolean silent;

  FakeWorker(String id, int slots, int coordinatorPort) {
    this.id = id;
    this.slots = slots;
    NodeConfig config = NodeConfig.of(ConfigFactory.empty());
    this.system =
        Nodes.start(
            Behaviors.receive(FromCoordinator.class)
                .onMessage(FromCoordinator.class, this::onMessage)
                .build(),
            config,
            NodeRole.WORKER,
            ConfigFactory.parseString("pekko.loglevel = WARNING"));
    connect(coordinatorPort);
    every(HEARTBEAT_MILLIS, this::beat);
    every(RESEND_MILLIS, this::resend);
  }

  private void every(long millis, Runnable action) {
    timers.add(timer.scheduleAtFixedRate(action, millis, millis, TimeUnit.MILLISECONDS));
  }

  void connect(int coordinatorPort) {
    gateway = Adapter.toClassic(system).actorSelection(Gateway.path("127.0.0.1", coordinatorPort));
    hello(false);
  }

  String id() {
    return id;
  }

  FakeWorker withoutRunningTasks() {
    runsTasks = false;
    return this;
  }

  /** Tasks that it was told to run, each time that it was. */
  synchronized List<String> ran() {
    return List.copyOf(ran);
  }

  void hello(boolean draining) {
    List<Held> held =
        leasesById.values().stream()
            .filter(l -> leases.contains(l.leaseId()))
            .map(
                l ->
                    new Held(
                        l.leaseId(),
                        l.jobId(),
                        l.kind(),
                        List.copyOf(keysOf.getOrDefault(l.leaseId(), Set.of())),
                        generationOf.getOrDefault(l.leaseId(), 0L)))
            .toList();
    tell(
        new FromWorker.Hello(
            new WorkerInfo(
                id,
                incarnation,
                "127.0.0.1",
                "host-1",
                4711,
                slots,
                4,
                1,
                "test",
                List.of(new WorkerInfo.WorkloadInfo(WORKLOAD, "For tests", SCHEMA))),
            system,
            held,
            draining,
            ""));
  }

  private void tell(FromWorker message) {
    if (!silent) {
      gateway.tell(message, Adapter.toClassic((ActorRef<FromCoordinator>) system));
    }
  }

  private void beat() {
    tell(
        new FromWorker.Heartbeat(
            id, incarnation, beats.incrementAndGet(), List.copyOf(leases), system));
  }

  private void resend() {
    List<FromWorker.Envelope> again;
    synchronized (this) {
      again = List.copyOf(undelivered.values());
    }
    again.forEach(this::tell);
  }

  /** Says it until it is delivered. */
  void say(String jobId, ToJob message) {
    FromWorker.Envelope envelope =
        new FromWorker.Envelope(jobId, id, incarnation, messageIds.incrementAndGet(), message);
    synchronized (this) {
      undelivered.put(envelope.messageId(), envelope);
    }
    tell(envelope);
  }

  void drain() {
    tell(new FromWorker.Draining(id, incarnation));
  }

  /** From now on as if killed; nothing is said, nothing heard. */
  void fallSilent() {
    silent = true;
  }

  /** Its heartbeats go on. */
  void speak() {
    silent = false;
  }

  synchronized int undelivered() {
    return undelivered.size();
  }

  private synchronized org.apache.pekko.actor.typed.Behavior<FromCoordinator> onMessage(
      FromCoordinator message) {
    if (silent) {
      return Behaviors.same();
    }
    if (message instanceof FromCoordinator.Delivered delivered) {
      delivered.messageIds().forEach(undelivered::remove);
    } else if (message instanceof FromCoordinator.HeartbeatAck ack) {
      leases.removeAll(ack.unknown());
    } else if (message instanceof FromCoordinator.WhoAreYou) {
      hello(false);
    } else if (message instanceof FromCoordinator.CheckOptions check) {
      onCheck(check);
    } else {
      keep(message);
      inbox.add(message);
    }
    return Behaviors.same();
  }

  private void onCheck(FromCoordinator.CheckOptions check) {
    tell(
        new FromWorker.OptionsChecked(
            check.requestId(),
            check.optionsJson().contains("13")
                ? List.of(new FromWorker.FieldError("steps", "13 (expected: no unlucky number)"))
                : List.of()));
  }

  private void keep(FromCoordinator message) {
    if (message instanceof FromCoordinator.StartDriver start) {
      hold(start.lease(), "driver", start.attempt());
    } else if (message instanceof FromCoordinator.StartMember start) {
      hold(start.lease(), start.gangKey(), start.generation());
    } else if (message instanceof FromCoordinator.RunTasks run) {
      List<ToJob.TaskEnd> ends = new ArrayList<>();
      for (FromCoordinator.TaskRun task : run.tasks()) {
        hold(run.lease(), task.spec().key(), 0);
        ran.add(task.spec().key());
        ends.add(
            new ToJob.TaskEnd(
                task.spec().key(), task.attempt(), Payload.inline("1"), null, 0.000_01));
      }
      if (runsTasks) {
        say(run.lease().jobId(), new ToJob.TasksEnded(run.lease().leaseId(), ends));
      }
    } else if (message instanceof FromCoordinator.StopLease stop) {
      leases.remove(stop.leaseId());
    } else if (message instanceof FromCoordinator.Fenced) {
      leases.clear();
      undelivered.clear();
      incarnation = UUID.randomUUID().toString();
      hello(false);
    }
  }

  private void hold(Lease lease, String key, long generation) {
    leases.add(lease.leaseId());
    leasesById.put(lease.leaseId(), lease);
    keysOf.computeIfAbsent(lease.leaseId(), l -> new LinkedHashSet<>()).add(key);
    generationOf.put(lease.leaseId(), generation);
  }

  void forget(String leaseId) {
    leases.remove(leaseId);
  }

  /** The next message of a type; others before it are dropped. */
  <M extends FromCoordinator> M take(Class<M> type) throws InterruptedException {
    return take(type, Duration.ofSeconds(40));
  }

  <M extends FromCoordinator> M take(Class<M> type, Duration within) throws InterruptedException {
    long until = System.nanoTime() + within.toNanos();
    while (true) {
      FromCoordinator next =
          inbox.poll(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS);
      if (next == null) {
        throw new AssertionError(id + ": no " + type.getSimpleName() + " within " + within);
      }
      if (type.isInstance(next)) {
        return type.cast(next);
      }
    }
  }

  @Override
  public void close() {
    silent = true;
    timer.shutdownNow();
    system.terminate();
  }
}
