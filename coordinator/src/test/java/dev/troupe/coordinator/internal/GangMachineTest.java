package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.protocol.FromCoordinator.EndGeneration;
import dev.troupe.cluster.protocol.FromCoordinator.PauseGang;
import dev.troupe.cluster.protocol.FromCoordinator.StartMember;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob.CheckpointWritten;
import dev.troupe.cluster.protocol.ToJob.MemberOutcome;
import dev.troupe.core.BlobRef;
import dev.troupe.proto.journal.v1.GangEnded;
import dev.troupe.proto.journal.v1.GangSubmitted;
import dev.troupe.proto.journal.v1.JobEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GangMachineTest {

  private static final int LIMIT = FakePort.SETTINGS.fruitlessGenerations();

  private final FakePort port = new FakePort();
  private final JobRecord record = FakePort.placed("driver-lease", "worker-1");
  private final List<GangEnded> ends = new ArrayList<>();
  private Metrics metrics;
  private GangMachine gang;
  private int leases;

  @BeforeEach
  void start() {
    metrics = Metrics.start(NodeConfig.of(ConfigFactory.parseString("troupe.metrics-port = -1")));
    GangSubmitted submitted =
        GangSubmitted.newBuilder().setKey("train").setMinSize(1).setMaxSize(2).build();
    record.apply(JobEvent.newBuilder().setAt(3).setGangSubmitted(submitted).build());
    gang =
        new GangMachine(
            "job",
            record,
            "train",
            FakePort.SETTINGS,
            port,
            new CoordinatorMetrics(metrics),
            ends::add);
  }

  @AfterEach
  void stop() {
    metrics.close();
  }

  @Test
  void aJoiningWorkerPausesItAndItGoesOnWithBoth() {
    String first = grant();
    meet();
    grant();
    assertThat(port.sent(PauseGang.class)).hasSize(1);

    long paused = generation();
    act(out -> gang.onMemberEnded(paused, 0, outcome(MemberOutcome.Kind.PAUSED), out));

    assertThat(generation()).isEqualTo(paused + 1);
    assertThat(port.sent(StartMember.class))
        .filteredOn(m -> m.generation() == paused + 1)
        .extracting(StartMember::rank)
        .containsExactly(0, 1);
    assertThat(gang.knows(first)).isTrue();
  }

  @Test
  void aLostRankEndsTheGenerationForTheOthersAndTheyGoOn() {
    grant();
    String second = grant();
    meetAfterPause();

    lose(second);

    assertThat(port.sent(EndGeneration.class)).hasSize(1);
    assertThat(record.gangs().get("train").members).hasSize(1);
    assertThat(ends).isEmpty();
  }

  @Test
  void generationsThatGetNoFurtherFailIt() {
    runTo(7);
    for (int i = 0; i < LIMIT; i++) {
      assertThat(ends).as("after %d generations that got no further", i).isEmpty();
      runTo(7 - i % 2);
    }
    assertThat(ends).hasSize(1);
    assertThat(ends.get(0).getError().getMessage())
        .startsWith(LIMIT + " generations of gang train ended without getting further");
  }

  @Test
  void aGenerationThatGetsFurtherThanAllBeforeItIsProgressWithoutACheckpoint() {
    for (int step = 1; step <= 3 * LIMIT; step++) {
      runTo(step);
    }
    assertThat(ends).isEmpty();
  }

  @Test
  void aNewCheckpointIsProgress() {
    for (int i = 1; i <= 3 * LIMIT; i++) {
      String lease = grant();
      meet();
      long step = i;
      act(
          out ->
              gang.onCheckpoint(
                  new CheckpointWritten(
                      "train", generation(), step, new BlobRef("a".repeat(64), 1), 1, 1),
                  out));
      lose(lease);
    }
    assertThat(ends).isEmpty();
  }

  @Test
  void joiningWorkersAreNoFailureHoweverMany() {
    grant();
    meet();
    for (int i = 0; i < 3 * LIMIT; i++) {
      String second = grant();
      meetAfterPause();
      act(out -> gang.onDraining(second, out));
      meetAfterPause();
    }
    String last = record.gangs().get("train").members.get(0).getLeaseId();
    lose(last);
    assertThat(ends).isEmpty();
  }

  /** A generation of one rank, which gets to a step and is lost. */
  private void runTo(long step) {
    String lease = grant();
    meet();
    gang.onProgress("train", step);
    lose(lease);
  }

  private String grant() {
    port.now += 60_000; // beyond any back-off
    String lease = "lease-" + ++leases;
    Slot slot = FakePort.slot(Wants.gang("train"), Lease.Kind.GANG, lease, "worker-" + leases);
    act(out -> gang.onGranted(List.of(slot), out));
    return lease;
  }

  private void lose(String lease) {
    act(out -> gang.onLeaseLost(lease, "its worker is gone", out));
  }

  private void meet() {
    long current = generation();
    int size = record.gangs().get("train").members.size();
    for (int rank = 0; rank < size; rank++) {
      int member = rank;
      act(out -> gang.onMemberStarted(current, member, out));
    }
  }

  /** All ranks stop as asked; those of the next generation meet. */
  private void meetAfterPause() {
    meet();
    long paused = generation();
    int size = record.gangs().get("train").members.size();
    for (int rank = 0; rank < size; rank++) {
      int member = rank;
      act(out -> gang.onMemberEnded(paused, member, outcome(MemberOutcome.Kind.PAUSED), out));
    }
    assertThat(generation()).isEqualTo(paused + 1);
    meet();
  }

  private long generation() {
    return record.gangs().get("train").generation;
  }

  private static MemberOutcome outcome(MemberOutcome.Kind kind) {
    return new MemberOutcome(kind, Payload.inline("1"), null, -1, null, 1);
  }

  private void act(Consumer<Outbox> action) {
    Outbox out = new Outbox();
    action.accept(out);
    FakePort.carryOut(out, record);
  }
}
