package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Peer;
import dev.troupe.proto.journal.v1.DriverPlaced;
import dev.troupe.proto.journal.v1.JobAccepted;
import dev.troupe.proto.journal.v1.JobEvent;
import dev.troupe.proto.v1.JobSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a job's parts do; its clock stands until the test moves it. */
final class FakePort implements JobPort {

  record Sent(String leaseId, FromCoordinator message) {}

  record Released(String leaseId, boolean stop) {}

  static final Settings SETTINGS =
      new Settings(
          Duration.ofSeconds(1),
          Duration.ofSeconds(8),
          Duration.ofSeconds(120),
          Duration.ofSeconds(30),
          Duration.ofSeconds(3),
          100,
          100,
          5,
          3,
          Duration.ofMillis(200),
          20,
          3);

  final List<Sent> sent = new ArrayList<>();
  final List<Released> released = new ArrayList<>();
  final List<String> suspected = new ArrayList<>();
  int flushes;
  long now = 1_000_000;

  @Override
  public void send(Slot slot, FromCoordinator message) {
    sent.add(new Sent(slot.leaseId(), message));
  }

  @Override
  public void release(String leaseId, boolean stop, String reason) {
    released.add(new Released(leaseId, stop));
  }

  @Override
  public void suspect(String leaseId, String reason) {
    suspected.add(leaseId);
  }

  @Override
  public void demandChanged() {}

  @Override
  public void flushSoon() {
    flushes++;
  }

  @Override
  public long now() {
    return now;
  }

  <M extends FromCoordinator> List<M> sent(Class<M> type) {
    return sent.stream().map(Sent::message).filter(type::isInstance).map(type::cast).toList();
  }

  static Slot slot(String request, Lease.Kind kind, String leaseId, String worker) {
    return new Slot(
        request,
        new Lease(leaseId, "job", kind, worker, worker + "-1", null),
        new Peer(worker, "127.0.0.1", 1, "host"));
  }

  static Slot driverSlot(String leaseId, String worker) {
    return slot(Wants.DRIVER, Lease.Kind.DRIVER, leaseId, worker);
  }

  static Slot taskSlot(String leaseId, String worker) {
    return slot(Wants.TASKS, Lease.Kind.TASKS, leaseId, worker);
  }

  /** A job that was accepted, and nothing more. */
  static JobRecord accepted() {
    return new JobRecord(SETTINGS.checkpointsKept())
        .apply(
            JobEvent.newBuilder()
                .setAt(1)
                .setAccepted(
                    JobAccepted.newBuilder()
                        .setJobId("job")
                        .setSpec(JobSpec.newBuilder().setWorkload("fake"))
                        .setOptionsJson("{}"))
                .build());
  }

  /** A job whose driver was placed under a lease. */
  static JobRecord placed(String leaseId, String worker) {
    return accepted()
        .apply(
            JobEvent.newBuilder()
                .setAt(2)
                .setDriverPlaced(
                    DriverPlaced.newBuilder()
                        .setAttempt(1)
                        .setMember(Convert.member(driverSlot(leaseId, worker))))
                .build());
  }

  /** As the entity: journals what is in the outbox, then does what follows. */
  static void carryOut(Outbox out, JobRecord record) {
    out.events().forEach(record::apply);
    out.runAfter();
  }
}
