package dev.troupe.worker.internal;

import dev.troupe.cluster.protocol.ErrorInfo;
import dev.troupe.cluster.protocol.FromCoordinator.Outcome;
import dev.troupe.cluster.protocol.FromCoordinator.StartDriver;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.Json;
import dev.troupe.core.Result;
import java.util.List;
import java.util.Map;

/**
 * Runs a job's driver on a thread of its own. It ends by itself (its end is kept until the job has
 * journaled it, and its lease with it) or is stopped, when nobody waits for it any more.
 */
final class DriverRunner implements Work {

  private final Services services;
  private final StartDriver order;
  private final Handles handles;
  private final Thread thread;
  private volatile boolean stopped;

  private DriverRunner(Services services, StartDriver order) {
    this.services = services;
    this.order = order;
    this.handles = new Handles(services, jobId(), order.workload(), order.attempt());
    this.thread = WorkThread.start("driver-" + jobId(), Map.of("job", jobId()), this::run);
  }

  static DriverRunner start(Services services, StartDriver order) {
    return new DriverRunner(services, order);
  }

  String jobId() {
    return order.lease().jobId();
  }

  int attempt() {
    return order.attempt();
  }

  /** Says once more that it runs, and what it waits for: the entity was started again. */
  void sayAgain() {
    sendStarted();
    handles.submitAgain();
  }

  void complete(List<Outcome> outcomes) {
    handles.complete(outcomes);
  }

  @Override
  public Lease lease() {
    return order.lease();
  }

  @Override
  public FromWorker.Held held() {
    return new FromWorker.Held(
        lease().leaseId(), jobId(), Lease.Kind.DRIVER, List.of("driver"), order.attempt());
  }

  /** A drain stops drivers last, so they never keep it waiting. */
  @Override
  public boolean busy() {
    return false;
  }

  @Override
  public void drain() {}

  @Override
  public void stop(String reason) {
    if (!stopped) {
      stopped = true;
      handles.stop();
      WorkThread.end(thread, services.timer(), () -> services.leases().remove(lease().leaseId()));
    }
  }

  private void run() {
    sendStarted();
    Payload result = null;
    ErrorInfo error = null;
    try (DriverContext context =
        new DriverContext(services, jobId(), order.workload(), order.attempt(), handles)) {
      result = Payloads.pack(services.store(), Json.write(Json.toTree(call(context))));
    } catch (Throwable e) { // an error of the driver's, of whatever kind, fails the job alone
      error = Payloads.error(e);
    }
    if (stopped) {
      services.leases().remove(lease().leaseId());
      return;
    }
    services
        .outbox()
        .force(
            jobId(),
            new ToJob.DriverEnded(lease().leaseId(), order.attempt(), result, error),
            () -> services.leases().remove(lease().leaseId()));
  }

  private Result call(DriverContext context) throws Exception {
    WorkloadCatalog.Entry entry = services.catalog().find(order.workload());
    if (entry == null) {
      throw new IllegalArgumentException(
          "workload '" + order.workload() + "' is not on this worker");
    }
    Thread.currentThread().setContextClassLoader(entry.loader());
    Result result = entry.run(context, order.optionsJson());
    if (result == null) {
      throw new IllegalStateException(
          "the driver returned null (expected: a Result; Result.empty() for none)");
    }
    return result;
  }

  private void sendStarted() {
    services
        .outbox()
        .force(jobId(), new ToJob.DriverStarted(lease().leaseId(), order.attempt()), () -> {});
  }
}
