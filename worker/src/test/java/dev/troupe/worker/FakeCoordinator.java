package dev.troupe.worker;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Gateway;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.ToJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * A coordinator that speaks the protocol over a real connection and does what a test says. It
 * answers Hello, heartbeats and envelopes, unless told not to; what else happens is a test's
 * business.
 */
final class FakeCoordinator implements AutoCloseable {

  static final Duration BEAT = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  record Registered(FromWorker.Hello hello) {
    ActorRef<FromCoordinator> ref() {
      return hello.self();
    }

    String incarnation() {
      return hello.info().incarnation();
    }
  }

  private final ActorSystem<Void> system;
  private final Duration abandonAfter;
  private final List<FromWorker> received = new ArrayList<>();
  private final List<FromWorker.Envelope> envelopes = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private final Map<String, Registered> workers = new LinkedHashMap<>();
  private BiConsumer<Registered, ToJob> job = (worker, message) -> {};
  private Predicate<FromWorker.Envelope> acknowledges = envelope -> true;
  private Duration beat = BEAT;
  private boolean mute;
  private String refusal;
  private List<String> unknown = List.of();
  private int leases;

  FakeCoordinator() {
    this(0, Duration.ofSeconds(60));
  }

  FakeCoordinator(int port, Duration abandonAfter) {
    this.abandonAfter = abandonAfter;
    system =
        ActorSystem.create(
            Behaviors.setup(
                context -> {
                  context.spawn(gateway(), Gateway.NAME);
                  return Behaviors.empty();
                }),
            Gateway.SYSTEM,
            NodeConfig.of(
                    ConfigFactory.parseString(
                        "pekko.actor.provider=remote, pekko.remote.warn-about-direct-use=off,"
                            + "troupe.control-port="
                            + port))
                .raw());
  }

  int port() {
    Address address = system.classicSystem().provider().getDefaultAddress();
    return (Integer) address.port().get();
  }

  private Behavior<FromWorker> gateway() {
    return Behaviors.receive(FromWorker.class)
        .onAnyMessage(
            message -> {
              receive(message);
              return Behaviors.same();
            })
        .build();
  }

  private void receive(FromWorker message) {
    BiConsumer<Registered, ToJob> handler = null;
    Registered from = null;
    ToJob news = null;
    synchronized (this) {
      if (mute) {
        return;
      }
      received.add(message);
      if (message instanceof FromWorker.Hello hello) {
        if (refusal != null) {
          hello.self().tell(new FromCoordinator.Refused(hello.info().incarnation(), refusal));
          return;
        }
        workers.put(hello.info().workerId(), new Registered(hello));
        hello.self().tell(new FromCoordinator.Welcome("fake", beat, abandonAfter));
      } else if (message instanceof FromWorker.Heartbeat beat) {
        Registered worker = workers.get(beat.workerId());
        if (worker == null || !worker.incarnation().equals(beat.incarnation())) {
          beat.self().tell(new FromCoordinator.WhoAreYou("fake"));
        } else {
          beat.self().tell(new FromCoordinator.HeartbeatAck(beat.number(), unknown));
        }
      } else if (message instanceof FromWorker.Envelope envelope) {
        Registered worker = workers.get(envelope.workerId());
        if (worker != null && acknowledges.test(envelope)) {
          if (seen.add(envelope.incarnation() + envelope.messageId())) {
            envelopes.add(envelope);
            handler = job;
            from = worker;
            news = envelope.message();
          }
          worker
              .ref()
              .tell(
                  new FromCoordinator.Delivered(
                      envelope.incarnation(), List.of(envelope.messageId())));
        }
      }
      notifyAll();
    }
    if (handler != null) {
      handler.accept(from, news);
    }
  }

  /** What a job does with each new message. */
  synchronized void onJobMessage(BiConsumer<Registered, ToJob> handler) {
    job = handler;
  }

  /** Which envelopes are journaled and answered; the others count as lost. */
  synchronized void acknowledge(Predicate<FromWorker.Envelope> which) {
    acknowledges = which;
  }

  /** What workers are told from now on. */
  synchronized void beatEvery(Duration every) {
    beat = every;
  }

  /** As if the cable were cut. */
  synchronized void mute(boolean on) {
    mute = on;
  }

  /** Lets nobody in from now on. */
  synchronized void refuse(String why) {
    refusal = why;
  }

  synchronized void unknown(String... leaseIds) {
    unknown = List.of(leaseIds);
  }

  synchronized Registered worker(String id) throws InterruptedException {
    await(() -> workers.containsKey(id), "worker " + id);
    return workers.get(id);
  }

  synchronized Lease lease(String jobId, Lease.Kind kind, String workerId)
      throws InterruptedException {
    Registered worker = worker(workerId);
    return new Lease(
        "lease-" + leases++, jobId, kind, workerId, worker.incarnation(), worker.ref());
  }

  /** The first message to a job that fits, once it has come. */
  synchronized <T extends ToJob> T expect(Class<T> kind, Predicate<T> which)
      throws InterruptedException {
    await(() -> messages(kind).anyMatch(which), kind.getSimpleName());
    return messages(kind).filter(which).findFirst().orElseThrow();
  }

  <T extends ToJob> T expect(Class<T> kind) throws InterruptedException {
    return expect(kind, message -> true);
  }

  /** The first message of a worker that fits, once it has come. */
  synchronized <T extends FromWorker> T expectFromWorker(Class<T> kind, Predicate<T> which)
      throws InterruptedException {
    await(
        () -> received.stream().filter(kind::isInstance).map(kind::cast).anyMatch(which),
        kind.getSimpleName());
    return received.stream()
        .filter(kind::isInstance)
        .map(kind::cast)
        .filter(which)
        .findFirst()
        .orElseThrow();
  }

  /** All messages of a kind so far, each once. */
  synchronized <T extends ToJob> List<T> all(Class<T> kind) {
    return messages(kind).toList();
  }

  synchronized List<FromWorker> received() {
    return List.copyOf(received);
  }

  synchronized void forgetReceived() {
    received.clear();
  }

  /** Waits until {@code condition} holds; it is asked after each message. */
  synchronized void await(Condition condition, String what) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        throw new AssertionError(what + " did not come within " + PATIENCE + "; came: " + tail());
      }
      wait(left);
    }
  }

  interface Condition {
    boolean holds();
  }

  private List<?> tail() {
    return envelopes.subList(Math.max(0, envelopes.size() - 20), envelopes.size());
  }

  private <T extends ToJob> Stream<T> messages(Class<T> kind) {
    return envelopes.stream()
        .map(FromWorker.Envelope::message)
        .filter(kind::isInstance)
        .map(kind::cast);
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
  }
}
