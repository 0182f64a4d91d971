package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromCoordinator.Outcome;
import dev.troupe.coordinator.internal.DriverMachine.Phase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DriverMachineTest {

  private final FakePort port = new FakePort();
  private Metrics metrics;

  @BeforeEach
  void startMetrics() {
    metrics =
        Metrics.start(
            NodeConfig.of(
                com.typesafe.config.ConfigFactory.parseString("troupe.metrics-port = -1")));
  }

  @AfterEach
  void stopMetrics() {
    metrics.close();
  }

  private DriverMachine machine(JobRecord record) {
    return new DriverMachine(
        "job", record, FakePort.SETTINGS, port, new CoordinatorMetrics(metrics));
  }

  private void granted(DriverMachine machine, JobRecord record, String lease) {
    Outbox out = new Outbox();
    machine.onGranted(FakePort.driverSlot(lease, "worker-1"), out);
    FakePort.carryOut(out, record);
  }

  @Test
  void isWantedStartedAndHeardOf() {
    JobRecord record = FakePort.accepted();
    DriverMachine machine = machine(record);
    assertThat(machine.want()).isNotNull();
    granted(machine, record, "lease-1");
    assertThat(machine.phase()).isEqualTo(Phase.STARTING);
    assertThat(machine.want()).isNull();
    assertThat(machine.hold()).isPresent();
    assertThat(port.sent(FromCoordinator.StartDriver.class)).hasSize(1);
    granted(machine, record, "lease-2");
    assertThat(port.released).containsExactly(new FakePort.Released("lease-2", false));
    assertThat(machine.hears(1)).isTrue();
    machine.onRuns();
    assertThat(machine.phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void aStartWithoutEffectIsSentAgain() {
    JobRecord record = FakePort.accepted();
    DriverMachine machine = machine(record);
    granted(machine, record, "lease-1");
    machine.onTick();
    port.now += DriverMachine.RESEND_MILLIS + 1;
    machine.onTick();
    assertThat(port.sent(FromCoordinator.StartDriver.class)).hasSize(2);
    machine.onRuns();
    port.now += 10 * DriverMachine.RESEND_MILLIS;
    machine.onTick();
    assertThat(port.sent(FromCoordinator.StartDriver.class)).hasSize(2);
  }

  @Test
  void aDriverSilentAfterOutcomesIsNudged() {
    JobRecord record = FakePort.accepted();
    DriverMachine machine = machine(record);
    granted(machine, record, "lease-1");
    assertThat(machine.hears(1)).isTrue();
    machine.onRuns();
    port.now += 1;
    machine.tell(List.of(new Outcome("a", null, null)));
    port.now += DriverMachine.NUDGE_MILLIS + 1;
    machine.onTick();
    assertThat(port.sent(FromCoordinator.StartDriver.class)).hasSize(2);
  }

  @Test
  void aLostDriverWaitsBeforeTheNextAttemptAndHasNoneAfterTheLast() {
    JobRecord record = FakePort.accepted();
    DriverMachine machine = machine(record);
    for (int attempt = 1; attempt <= FakePort.SETTINGS.driverAttempts(); attempt++) {
      assertThat(machine.isOutOfAttempts()).isFalse();
      granted(machine, record, "lease-" + attempt);
      assertThat(record.attempt()).isEqualTo(attempt);
      Outbox out = new Outbox();
      machine.onLost("gone", out);
      FakePort.carryOut(out, record);
      assertThat(machine.phase()).isEqualTo(Phase.BACKING_OFF);
      assertThat(machine.want()).isNull();
      port.now += FakePort.SETTINGS.backoff(attempt).toMillis();
      machine.onTick();
      assertThat(machine.want()).isNotNull();
    }
    assertThat(machine.isOutOfAttempts()).isTrue();
  }

  @Test
  void aPlacedDriverIsExpectedAfterARestartUntilItsWorkerTells() {
    JobRecord record = FakePort.placed("lease-1", "worker-1");
    DriverMachine machine = machine(record);
    assertThat(machine.isExpected()).isTrue();
    assertThat(machine.want()).isNull();
    assertThat(machine.hold()).isPresent();
    machine.onHeld(FakePort.driverSlot("other", "worker-2"));
    assertThat(port.released).containsExactly(new FakePort.Released("other", true));
    machine.onHeld(FakePort.driverSlot("lease-1", "worker-1"));
    assertThat(machine.isExpected()).isFalse();
    assertThat(port.sent(FromCoordinator.StartDriver.class))
        .extracting(FromCoordinator.StartDriver::attempt)
        .containsExactly(1);
  }

  @Test
  void movesAtOnceFromAWorkerThatDrains() {
    JobRecord record = FakePort.accepted();
    DriverMachine machine = machine(record);
    granted(machine, record, "lease-1");
    Outbox out = new Outbox();
    machine.onDraining(out);
    FakePort.carryOut(out, record);
    assertThat(machine.want()).isNotNull();
    assertThat(port.sent(FromCoordinator.StopLease.class)).hasSize(1);
    assertThat(port.released).containsExactly(new FakePort.Released("lease-1", true));
  }
}
