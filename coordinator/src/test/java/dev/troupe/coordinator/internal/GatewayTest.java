package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.SecurityConfig;
import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.WorkerInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in at the gateway. */
@Timeout(60)
class GatewayTest {

  private static final WorkerInfo INFO =
      new WorkerInfo("worker-1", "first", "127.0.0.1", "host", 1, 2, 1, 1, "test", List.of());

  @TempDir Path dir;
  private TestSystem system;
  private TestProbe<SchedulerCommand> scheduler;
  private TestProbe<FromCoordinator> worker;

  @BeforeEach
  void start() {
    system = new TestSystem();
    scheduler = system.kit.createTestProbe(SchedulerCommand.class);
    worker = system.kit.createTestProbe(FromCoordinator.class);
  }

  @AfterEach
  void stop() {
    system.close();
  }

  private SecurityConfig token(String name, String token) throws Exception {
    return new SecurityConfig(
        Optional.empty(), Optional.of(Files.writeString(dir.resolve(name), token + "\n")));
  }

  private ActorRef<CborMessage> gateway(SecurityConfig security) {
    return system.kit.spawn(
        Gateway.create(
            security,
            scheduler.getRef(),
            (id, command) -> {
              throw new AssertionError("no job is told anything");
            }));
  }

  private FromWorker.Hello hello(String proof) {
    return new FromWorker.Hello(INFO, worker.getRef(), List.of(), false, proof);
  }

  @Test
  void aWorkerWithTheTokenIsLetIn() throws Exception {
    String proof = token("theirs", "secret").proof(INFO.identity());
    FromWorker.Hello hello = hello(proof);
    gateway(token("ours", "secret")).tell(hello);

    assertThat(scheduler.expectMessageClass(SchedulerCommand.WorkerHello.class).hello())
        .isEqualTo(hello);
    assertThat(proof).doesNotContain("secret").hasSize(64);
  }

  @Test
  void aWorkerWithAnotherTokenOrNoneOrAnotherWorkersProofIsRefused() throws Exception {
    ActorRef<CborMessage> gateway = gateway(token("ours", "secret"));

    gateway.tell(hello(token("theirs", "guess").proof(INFO.identity())));
    assertThat(worker.expectMessageClass(FromCoordinator.Refused.class))
        .isEqualTo(new FromCoordinator.Refused("first", "its token is not the coordinator's"));
    gateway.tell(hello(token("theirs", "secret").proof("worker worker-2 first")));
    assertThat(worker.expectMessageClass(FromCoordinator.Refused.class).reason())
        .isEqualTo("its token is not the coordinator's");
    for (String none : new String[] {"", null}) {
      gateway.tell(hello(none));
      assertThat(worker.expectMessageClass(FromCoordinator.Refused.class).reason())
          .isEqualTo("it has no token, the coordinator has one");
    }
    scheduler.expectNoMessage();
  }

  @Test
  void aTokenThatTheCoordinatorDoesNotKnowIsSaid() throws Exception {
    SecurityConfig open = new SecurityConfig(Optional.empty(), Optional.empty());
    ActorRef<CborMessage> gateway = gateway(open);

    gateway.tell(hello(token("theirs", "secret").proof(INFO.identity())));
    assertThat(worker.expectMessageClass(FromCoordinator.Refused.class).reason())
        .isEqualTo("it has a token, the coordinator has none");
    gateway.tell(hello(open.proof(INFO.identity())));
    scheduler.expectMessageClass(SchedulerCommand.WorkerHello.class);
  }

  /** Nobody is turned away for what the coordinator cannot read; they ask again. */
  @Test
  void aCoordinatorThatCannotReadItsTokenAnswersNobody() throws Exception {
    SecurityConfig ours = token("ours", "secret");
    ActorRef<CborMessage> gateway = gateway(ours);
    String proof = ours.proof(INFO.identity());
    Files.delete(dir.resolve("ours"));
    gateway.tell(hello(proof));
    worker.expectNoMessage();

    token("ours", "secret");
    gateway.tell(hello(proof));
    scheduler.expectMessageClass(SchedulerCommand.WorkerHello.class);
  }
}
