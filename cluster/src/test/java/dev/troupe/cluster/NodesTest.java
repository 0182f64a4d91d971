package dev.troupe.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Gateway;
import dev.troupe.testkit.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SpawnProtocol;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Coordinators and workers as actor systems of this process that speak through sockets. */
class NodesTest {

  private static final Duration DEADLINE = Duration.ofSeconds(30);

  @TempDir Path dir;

  /** Answers a heartbeat, as the real gateway does. */
  private static Behavior<Void> coordinator() {
    return Behaviors.setup(
        context -> {
          context.spawn(
              Behaviors.receive(FromWorker.class)
                  .onMessage(
                      FromWorker.Heartbeat.class,
                      beat -> {
                        beat.self()
                            .tell(new FromCoordinator.HeartbeatAck(beat.number(), List.of()));
                        return Behaviors.same();
                      })
                  .build(),
              Gateway.NAME);
          return Behaviors.empty();
        });
  }

  /** Sends a heartbeat to each gateway until all have answered. */
  private static Behavior<FromCoordinator> worker(
      List<HostPort> gateways, CompletableFuture<List<Long>> answers) {
    return Behaviors.withTimers(
        timers ->
            Behaviors.setup(
                context -> {
                  List<Long> seen = new ArrayList<>();
                  timers.startTimerWithFixedDelay(
                      new FromCoordinator.Drain(), Duration.ZERO, Duration.ofMillis(200));
                  return Behaviors.receive(FromCoordinator.class)
                      .onMessage(
                          FromCoordinator.HeartbeatAck.class,
                          ack -> {
                            if (!seen.contains(ack.number())) {
                              seen.add(ack.number());
                            }
                            if (seen.size() == gateways.size()) {
                              answers.complete(seen);
                            }
                            return Behaviors.same();
                          })
                      .onMessage(
                          FromCoordinator.Drain.class,
                          tick -> {
                            for (int i = 0; i < gateways.size(); i++) {
                              gateway(context.getSystem(), gateways.get(i))
                                  .tell(
                                      new FromWorker.Heartbeat(
                                          "w", "1", i, List.of(), context.getSelf()));
                            }
                            return Behaviors.same();
                          })
                      .build();
                }));
  }

  private static ActorRef<FromWorker> gateway(ActorSystem<?> system, HostPort at) {
    return ActorRefResolver.get(system).resolveActorRef(Gateway.path(at.host(), at.port()));
  }

  private static NodeConfig config(Map<String, String> overrides) {
    return NodeConfig.load(Optional.empty(), overrides);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void stop(ActorSystem<?>... systems) throws Exception {
    for (ActorSystem<?> system : systems) {
      system.terminate();
    }
    for (ActorSystem<?> system : systems) {
      system.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private static void awaitMembers(ActorSystem<?> system, int count) {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    int up = 0;
    while (up != count) {
      assertThat(System.nanoTime()).as("%s of %s members are up", up, count).isLessThan(deadline);
      LockSupport.parkNanos(20_000_000);
      up = 0;
      for (var member : Cluster.get(system).state().getMembers()) {
        up += member.status() == MemberStatus.up() ? 1 : 0;
      }
    }
  }

  private ActorSystem<Void> startCoordinator(Map<String, String> settings) {
    NodeConfig config = config(settings);
    ActorSystem<Void> system = Nodes.start(coordinator(), config, NodeRole.COORDINATOR);
    Nodes.join(system, config);
    return system;
  }

  private void workerAndCoordinatorTalk(Map<String, String> settings) throws Exception {
    ActorSystem<Void> coordinator = startCoordinator(settings);
    CompletableFuture<List<Long>> answers = new CompletableFuture<>();
    ActorSystem<FromCoordinator> worker =
        Nodes.start(
            worker(List.of(Nodes.address(coordinator)), answers),
            config(settings),
            NodeRole.WORKER);
    try {
      assertThat(answers.get(30, TimeUnit.SECONDS)).containsExactly(0L);
      awaitMembers(coordinator, 1);
    } finally {
      stop(worker, coordinator);
    }
  }

  @Test
  void aWorkerOutsideTheClusterTalksToACoordinatorAndIsAnswered() throws Exception {
    workerAndCoordinatorTalk(Map.of());
  }

  @Test
  void theyTalkThroughTlsWithPemFiles() throws Exception {
    workerAndCoordinatorTalk(Certificates.settings(dir));
  }

  @Test
  void twoCoordinatorsFormOneClusterAndAWorkerReachesBoth() throws Exception {
    int first = freePort();
    int second = freePort();
    String both = "127.0.0.1:" + first + ",127.0.0.1:" + second;
    ActorSystem<Void> b =
        startCoordinator(Map.of("troupe.control-port", "" + second, "troupe.coordinators", both));
    ActorSystem<Void> a =
        startCoordinator(Map.of("troupe.control-port", "" + first, "troupe.coordinators", both));
    CompletableFuture<List<Long>> answers = new CompletableFuture<>();
    ActorSystem<FromCoordinator> worker =
        Nodes.start(
            worker(List.of(Nodes.address(a), Nodes.address(b)), answers),
            config(Map.of()),
            NodeRole.WORKER);
    try {
      awaitMembers(a, 2);
      awaitMembers(b, 2);
      assertThat(answers.get(30, TimeUnit.SECONDS)).containsExactlyInAnyOrder(0L, 1L);
    } finally {
      stop(worker, b, a);
    }
  }

  @Test
  void aTakenPortIsOneClearError() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      NodeConfig config = config(Map.of("troupe.control-port", "" + taken.getLocalPort()));
      assertThatThrownBy(() -> Nodes.start(SpawnProtocol.create(), config, NodeRole.WORKER))
          .isInstanceOfSatisfying(NodeException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
          .hasMessageContaining(
              "troupe.control-port: cannot listen on 127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("set another port");
    }
  }
}
