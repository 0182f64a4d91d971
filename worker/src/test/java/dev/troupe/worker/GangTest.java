package dev.troupe.worker;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromCoordinator.CheckpointInfo;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.Peer;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.ToJob.MemberOutcome.Kind;
import dev.troupe.cluster.protocol.WorkerInfo;
import dev.troupe.core.BlobRef;
import dev.troupe.core.GangMember;
import dev.troupe.core.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ranks on three workers of this process, with real collectives and a real store. */
@Timeout(60)
class GangTest {

  private static final String GANG = "count";

  @TempDir Path folder;
  private FakeCoordinator coordinator;
  private final List<WorkerNode> nodes = new ArrayList<>();
  private List<Lease> leases;

  @BeforeEach
  void start() throws Exception {
    TestWorkload.DOORS.clear();
    coordinator = new FakeCoordinator();
    leases = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      nodes.add(worker("worker-" + i));
      leases.add(coordinator.lease("job-1", Lease.Kind.GANG, "worker-" + i));
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (WorkerNode node : nodes) {
      node.stop();
      node.awaitTermination();
    }
    coordinator.close();
  }

  @Test
  void ranksRunToTheEndAndWriteCheckpoints() throws Exception {
    form(1, List.of(0, 1, 2), new TestWorkload.Count(10, 4, "none"), List.of());

    assertThat(ended(1, 0).kind()).isEqualTo(Kind.RETURNED);
    assertThat(ended(1, 0).result().json()).isEqualTo("10.0");
    assertThat(ended(1, 1).kind()).isEqualTo(Kind.RETURNED);
    assertThat(ended(1, 2).result()).isNull();
    assertThat(coordinator.all(ToJob.CheckpointWritten.class))
        .extracting(ToJob.CheckpointWritten::step)
        .containsExactly(4L, 8L);
    assertThat(coordinator.all(ToJob.MemberStarted.class)).hasSize(3);
  }

  @Test
  void aGangGoesOnFromItsCheckpointWithoutALostRank() throws Exception {
    TestWorkload.Count count = new TestWorkload.Count(10, 2, "door");
    form(1, List.of(0, 1, 2), count, List.of());
    TestWorkload.door("door-begun-0").await();
    TestWorkload.door("door-begun-1").await();

    WorkerNode lostNode = nodes.remove(2);
    lostNode.stop();
    lostNode.awaitTermination();
    TestWorkload.door("door").countDown();
    ToJob.MemberOutcome lost = ended(1, 0);
    assertThat(lost.kind()).isEqualTo(Kind.INTERRUPTED);
    assertThat(lost.step()).isEqualTo(5);
    assertThat(lost.reason()).contains("after step 5");
    end(1, "worker-2 is lost");
    form(2, List.of(0, 1), count, checkpoints());

    assertThat(ended(2, 0).kind()).isEqualTo(Kind.RETURNED);
    assertThat(ended(2, 0).result().json()).isEqualTo("10.0");
    ended(2, 1); // Its lines are shipped before its end.
    assertThat(logs()).contains("rank 1 of 2 from step 4");
  }

  @Test
  void aPauseWritesACheckpointAndLosesNoStep() throws Exception {
    TestWorkload.Count count = new TestWorkload.Count(10, 100, "door");
    form(1, List.of(0, 1, 2), count, List.of());
    TestWorkload.door("door-begun-0").await();

    leases.get(0).worker().tell(new FromCoordinator.PauseGang("job-1", GANG, 1, "worker-2 drains"));
    // Behind the pause in the same mailbox: once it is answered, the pause has been seen.
    leases.get(0).worker().tell(new FromCoordinator.CheckOptions("after", "test", "{}"));
    coordinator.expectFromWorker(FromWorker.OptionsChecked.class, m -> true);
    TestWorkload.door("door").countDown();

    for (int rank = 0; rank < 3; rank++) {
      assertThat(ended(1, rank).kind()).isEqualTo(Kind.PAUSED);
      assertThat(ended(1, rank).step()).isEqualTo(6);
    }
    form(2, List.of(0, 1), count, checkpoints());
    assertThat(ended(2, 0).result().json()).isEqualTo("10.0");
    ended(2, 1); // Its lines are shipped before its end.
    assertThat(logs()).contains("rank 1 of 2 from step 6");
  }

  @Test
  void aDamagedCheckpointIsPassedOver() throws Exception {
    form(1, List.of(0, 1), new TestWorkload.Count(4, 2, "none"), List.of());
    ended(1, 0);
    List<CheckpointInfo> checkpoints = checkpoints();
    assertThat(checkpoints).extracting(CheckpointInfo::step).containsExactly(4L, 2L);
    damage(checkpoints.get(0).manifest());

    form(2, List.of(0, 1), new TestWorkload.Count(6, 2, "none"), checkpoints);

    assertThat(ended(2, 0).kind()).isEqualTo(Kind.RETURNED);
    assertThat(ended(2, 0).result().json()).isEqualTo("6.0");
    ended(2, 1); // Its lines are shipped before its end.
    assertThat(logs()).contains("the checkpoint of step 4 is damaged", "rank 1 of 2 from step 2");
  }

  @Test
  void memoryOutlivesAGenerationButNotItsLease() throws Exception {
    TestWorkload.Remembers member = new TestWorkload.Remembers();
    form(1, List.of(0, 1), member, List.of());
    assertThat(ended(1, 0).result().json()).isEqualTo("[1,1]");
    ended(1, 1);
    form(2, List.of(2, 1, 0), member, List.of());
    assertThat(ended(2, 0).result().json()).isEqualTo("[1,2,2]");

    Lease old = leases.get(1);
    old.worker().tell(new FromCoordinator.StopLease(old.leaseId(), "its rank is not wanted"));
    leases.set(1, coordinator.lease("job-1", Lease.Kind.GANG, "worker-1"));
    form(3, List.of(0, 1), member, List.of());
    assertThat(ended(3, 0).result().json()).isEqualTo("[3,1]");
  }

  @Test
  void anErrorOfTheMembersOwnIsNoInterruption() throws Exception {
    form(1, List.of(0), new TestWorkload.Count(4, 0, "none"), List.of());

    ToJob.MemberOutcome outcome = ended(1, 0);
    assertThat(outcome.kind()).isEqualTo(Kind.THREW);
    assertThat(outcome.error().message()).isEqualTo("checkpointEvery: 0 (expected: > 0)");
  }

  @Test
  void aRanksOwnErrorIsToldBeforeTheOthersAreInterruptedByIt() throws Exception {
    AtomicBoolean lost = new AtomicBoolean();
    coordinator.acknowledge(
        envelope ->
            !(envelope.message() instanceof ToJob.MemberEnded end
                && end.rank() == 0
                && lost.compareAndSet(false, true)));

    form(1, List.of(0, 1), new TestWorkload.FailingRank(0), List.of());

    assertThat(ended(1, 1).kind()).isEqualTo(Kind.INTERRUPTED);
    assertThat(lost).as("the first message was lost").isTrue();
    assertThat(coordinator.all(ToJob.MemberEnded.class))
        .extracting(end -> end.outcome().kind())
        .containsExactly(Kind.THREW, Kind.INTERRUPTED);
  }

  @Test
  void aStoppedLeaseEndsItsRankSilently() throws Exception {
    form(1, List.of(0, 1), new TestWorkload.Count(10, 2, "door"), List.of());
    TestWorkload.door("door-begun-0").await();
    TestWorkload.door("door-begun-1").await();

    for (Lease lease : leases) {
      lease.worker().tell(new FromCoordinator.StopLease(lease.leaseId(), "cancelled"));
    }

    coordinator.forgetReceived();
    coordinator.expectFromWorker(
        FromWorker.Heartbeat.class,
        beat -> beat.workerId().equals("worker-0") && beat.leaseIds().isEmpty());
    assertThat(coordinator.all(ToJob.MemberEnded.class)).isEmpty();
  }

  private WorkerNode worker(String id) {
    return WorkerNode.start(
        NodeConfig.of(
            ConfigFactory.parseString(
                """
                troupe.coordinators = ["127.0.0.1:%d"]
                troupe.store.directory = "%s"
                troupe.metrics-port = -1
                troupe.worker { id = "%s", stall-timeout = 10s, join-timeout = 10s }
                """
                    .formatted(coordinator.port(), folder.resolve("store"), id))));
  }

  private void form(
      long generation,
      List<Integer> workers,
      GangMember<?> member,
      List<CheckpointInfo> checkpoints)
      throws Exception {
    List<Peer> peers = new ArrayList<>();
    for (int worker : workers) {
      WorkerInfo info = coordinator.worker("worker-" + worker).hello().info();
      peers.add(new Peer(info.workerId(), info.host(), info.dataPort(), info.hostId()));
    }
    for (int rank = 0; rank < workers.size(); rank++) {
      Lease lease = leases.get(workers.get(rank));
      lease
          .worker()
          .tell(
              new FromCoordinator.StartMember(
                  lease,
                  "test",
                  GANG,
                  generation,
                  rank,
                  peers,
                  member.getClass().getName(),
                  Payload.inline(Json.write(member)),
                  checkpoints));
    }
  }

  private void end(long generation, String reason) {
    for (Lease lease : leases) {
      lease.worker().tell(new FromCoordinator.EndGeneration("job-1", GANG, generation, reason));
    }
  }

  private ToJob.MemberOutcome ended(long generation, int rank) throws InterruptedException {
    return coordinator
        .expect(ToJob.MemberEnded.class, e -> e.generation() == generation && e.rank() == rank)
        .outcome();
  }

  /** Newest first. */
  private List<CheckpointInfo> checkpoints() {
    return coordinator.all(ToJob.CheckpointWritten.class).stream()
        .map(c -> new CheckpointInfo(c.step(), c.manifest()))
        .sorted(Comparator.comparing(CheckpointInfo::step).reversed())
        .toList();
  }

  private String logs() {
    StringBuilder text = new StringBuilder();
    coordinator.all(ToJob.LogLines.class).forEach(lines -> text.append(lines.text()));
    return text.toString();
  }

  private void damage(BlobRef blob) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
      Path file =
          files.filter(f -> f.endsWith(blob.sha256().substring(2))).findFirst().orElseThrow();
      assertThat(file.toFile().setWritable(true)).isTrue();
      byte[] content = Files.readAllBytes(file);
      content[content.length / 2] ^= 1;
      Files.write(file, content);
    }
  }
}
