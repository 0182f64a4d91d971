package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Lease;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what coordinators send to the work it is for. Called by the session; never waits. */
final class Dispatch {

  private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);

  private final Services services;
  private final OptionsChecks checks;
  private boolean draining;

  /**
   * @param answers takes the answers to {@link FromCoordinator.CheckOptions}, from any thread
   */
  Dispatch(Services services, Consumer<FromWorker> answers) {
    this.services = services;
    this.checks = new OptionsChecks(services.catalog(), services.timer(), answers);
  }

  void handle(FromCoordinator message, String incarnation) {
    if (message instanceof FromCoordinator.Delivered delivered) {
      services.outbox().delivered(delivered.incarnation(), delivered.messageIds());
    } else if (message instanceof FromCoordinator.CheckOptions check) {
      checks.run(check);
    } else if (message instanceof FromCoordinator.StopLease stop) {
      stop(stop.leaseId(), stop.reason());
    } else if (message instanceof FromCoordinator.RunTasks tasks) {
      runTasks(tasks, incarnation);
    } else if (message instanceof FromCoordinator.StartDriver driver) {
      startDriver(driver, incarnation);
    } else if (message instanceof FromCoordinator.Outcomes outcomes) {
      complete(outcomes);
    } else if (message instanceof FromCoordinator.StartMember member) {
      startMember(member, incarnation);
    } else if (message instanceof FromCoordinator.PauseGang pause) {
      gangs(pause.jobId(), g -> g.pause(pause.gangKey(), pause.generation(), pause.reason()));
    } else if (message instanceof FromCoordinator.EndGeneration end) {
      gangs(end.jobId(), g -> g.endGeneration(end.gangKey(), end.generation(), end.reason()));
    } else {
      LOG.warn("unexpected message: {}", message);
    }
  }

  void stop(String leaseId, String reason) {
    if (!services.leases().end(leaseId)) {
      return;
    }
    services.outbox().forget(leaseId);
    services
        .leases()
        .find(leaseId)
        .ifPresent(
            work -> {
              LOG.info("lease {} of job {} ends: {}", leaseId, work.lease().jobId(), reason);
              work.stop(reason);
            });
  }

  /** Everything ends, as if no lease had been given. */
  void stopAll(String reason) {
    for (Work work : services.leases().all()) {
      services.leases().end(work.lease().leaseId());
      work.stop(reason);
    }
  }

  void drain() {
    draining = true;
    services.leases().all().forEach(Work::drain);
  }

  private void runTasks(FromCoordinator.RunTasks tasks, String incarnation) {
    under(tasks.lease(), incarnation, TaskRunner.class, lease -> startTasks(lease))
        .ifPresent(runner -> runner.add(tasks));
  }

  private TaskRunner startTasks(Lease lease) {
    TaskRunner runner = TaskRunner.start(services, lease);
    if (draining) {
      runner.drain();
    }
    return runner;
  }

  private void startDriver(FromCoordinator.StartDriver order, String incarnation) {
    Optional<DriverRunner> known =
        services
            .leases()
            .find(order.lease().leaseId())
            .filter(DriverRunner.class::isInstance)
            .map(DriverRunner.class::cast);
    if (known.isPresent()) {
      if (known.get().attempt() == order.attempt()) {
        known.get().sayAgain();
      }
      return;
    }
    for (DriverRunner other : services.leases().all(DriverRunner.class)) {
      if (other.jobId().equals(order.lease().jobId())) {
        stop(other.lease().leaseId(), "attempt " + order.attempt() + " takes its place");
      }
    }
    under(
        order.lease(),
        incarnation,
        DriverRunner.class,
        lease -> DriverRunner.start(services, order));
  }

  private void complete(FromCoordinator.Outcomes outcomes) {
    for (DriverRunner driver : services.leases().all(DriverRunner.class)) {
      if (driver.jobId().equals(outcomes.jobId()) && driver.attempt() == outcomes.attempt()) {
        driver.complete(outcomes.outcomes());
      }
    }
  }

  private void startMember(FromCoordinator.StartMember order, String incarnation) {
    under(order.lease(), incarnation, GangRunner.class, lease -> new GangRunner(services, lease))
        .ifPresent(runner -> runner.start(order));
  }

  private void gangs(String jobId, Consumer<GangRunner> action) {
    for (GangRunner gang : services.leases().all(GangRunner.class)) {
      if (gang.lease().jobId().equals(jobId)) {
        action.accept(gang);
      }
    }
  }

  /** The work under a lease, begun if it is new; empty if the lease is not (or no more) valid. */
  private <W extends Work> Optional<W> under(
      Lease lease, String incarnation, Class<W> kind, Function<Lease, W> begin) {
    if (!lease.incarnation().equals(incarnation)) {
      LOG.warn("lease {} is of an older incarnation; its work is refused", lease.leaseId());
      return Optional.empty();
    }
    return services.leases().findOrAdd(lease, kind, begin);
  }
}
