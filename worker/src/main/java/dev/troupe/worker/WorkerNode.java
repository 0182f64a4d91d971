package dev.troupe.worker;

import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeException;
import dev.troupe.cluster.NodeRole;
import dev.troupe.cluster.Nodes;
import dev.troupe.cluster.protocol.WorkerInfo;
import dev.troupe.collective.CollectiveConfig;
import dev.troupe.collective.Collectives;
import dev.troupe.collective.HostId;
import dev.troupe.collective.Transport;
import dev.troupe.core.StoreException;
import dev.troupe.store.BlobStore;
import dev.troupe.store.Stores;
import dev.troupe.worker.internal.CollectiveGangs;
import dev.troupe.worker.internal.LeaseTable;
import dev.troupe.worker.internal.LogShipper;
import dev.troupe.worker.internal.NativeHeap;
import dev.troupe.worker.internal.Outbox;
import dev.troupe.worker.internal.ScratchFolders;
import dev.troupe.worker.internal.Services;
import dev.troupe.worker.internal.Session;
import dev.troupe.worker.internal.Timer;
import dev.troupe.worker.internal.ValueCache;
import dev.troupe.worker.internal.WorkerMetrics;
import dev.troupe.worker.internal.WorkerSettings;
import dev.troupe.worker.internal.WorkloadCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker: runs drivers, tasks and ranks of gangs for the coordinators that its configuration
 * names. It needs none of them to be there when it starts, and goes on with its work while none
 * answers.
 */
public final class WorkerNode {

  private static final Logger LOG = LoggerFactory.getLogger(WorkerNode.class);

  /** Finished work and log lines kept until jobs have them; beyond it, work waits. */
  private static final long OUTBOX_BYTES = 64L << 20;

  private static final Duration LOG_SHIPPING = Duration.ofMillis(100);

  private final String workerId;
  private final int metricsPort;
  private final List<String> problems;
  private final ActorSystem<Session.Command> system;
  private final CompletableFuture<Void> left = new CompletableFuture<>();
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private boolean leaving;
  private volatile boolean stopping;
  private volatile String refusal;

  private WorkerNode(
      String workerId,
      int metricsPort,
      List<String> problems,
      ActorSystem<Session.Command> system,
      Resources resources,
      Session.Ends ends) {
    this.workerId = workerId;
    this.metricsPort = metricsPort;
    this.problems = problems;
    this.system = system;
    var unused =
        ends.drained()
            .thenRun(
                () -> {
                  LOG.info("drained: nothing runs here any more; the worker ends");
                  stop();
                });
    var unusedToo =
        ends.refused()
            .thenAccept(
                why -> {
                  refusal = why;
                  stop();
                });
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeServiceUnbind(),
            "drain",
            () ->
                stopping
                    ? CompletableFuture.completedFuture(Done.done())
                    : drain().thenApply(nothing -> Done.done()));
    system
        .getWhenTerminated()
        .whenComplete(
            (done, error) -> {
              resources.close();
              left.complete(null);
              closed.complete(null);
            });
  }

  /**
   * Starts a worker. On SIGTERM it drains before the process ends.
   *
   * @throws NodeException if its configuration is not valid, or a port or the store cannot be had
   */
  public static WorkerNode start(NodeConfig config) {
    if (config.coordinators().isEmpty()) {
      throw new NodeException(
          NodeException.EXIT_BAD_CONFIG,
          "troupe.coordinators: empty (expected: the addresses of one or more coordinators, as in"
              + " [\"10.0.0.5:7071\"])");
    }
    Resources resources = new Resources();
    try {
      return start(config, resources);
    } catch (RuntimeException e) {
      resources.close();
      throw e;
    }
  }

  private static WorkerNode start(NodeConfig config, Resources resources) {
    String workerId = config.worker().id();
    Metrics metrics = resources.add(Metrics.start(config));
    BlobStore store = resources.add(openStore(config));
    Collectives collectives = resources.add(listen(config));
    Timer timer = resources.add(new Timer());
    timer.every(NativeHeap.TRIM_EVERY, NativeHeap::trim);

    String incarnation = UUID.randomUUID().toString();
    Outbox outbox = new Outbox(workerId, incarnation, OUTBOX_BYTES);
    LogShipper logs = new LogShipper(outbox, config.worker().logBufferLines());
    timer.every(LOG_SHIPPING, logs::tick);

    WorkerSettings settings = settings(config);
    ScratchFolders scratch =
        resources.add(ScratchFolders.open(Path.of(System.getProperty("java.io.tmpdir"))));
    Services services =
        new Services(
            settings,
            WorkloadCatalog.load(config.worker().workloads().orElse(null)),
            store,
            outbox,
            logs,
            new ValueCache(config.worker().cacheEntries()),
            scratch,
            new LeaseTable(),
            new CollectiveGangs(collectives),
            timer,
            new WorkerMetrics(metrics, settings.slots()));
    resources.add(services::stopAll);
    Session.Ends ends = new Session.Ends(new CompletableFuture<>(), new CompletableFuture<>());
    ActorSystem<Session.Command> system =
        Nodes.start(
            Session.create(
                services, info(services, incarnation, collectives.port()), config.security(), ends),
            config,
            NodeRole.WORKER);
    // On SIGTERM the process does not wait for what follows the system's end.
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
            "scratch-files",
            () -> {
              scratch.close();
              return CompletableFuture.completedFuture(Done.done());
            });
    LOG.info("worker {} started; metrics on port {}", workerId, metrics.port());
    List<String> problems = services.catalog().problems();
    return new WorkerNode(workerId, metrics.port(), problems, system, resources, ends);
  }

  /** Its name. */
  public String workerId() {
    return workerId;
  }

  /** Where Prometheus reads; -1 if nowhere. */
  public int metricsPort() {
    return metricsPort;
  }

  /** Jars and workloads that were left out, with the reason, a line each. */
  public List<String> problems() {
    return problems;
  }

  /**
   * As on SIGTERM: takes no new work, lets what runs finish (gangs leave at their next step), says
   * goodbye; what still runs after {@code drain-timeout} is cut off. The process goes on until
   * {@link #stop}. (A user's {@code troupe drain} has no such limit, and ends it.)
   *
   * @return done when the coordinators have been told
   */
  public synchronized CompletionStage<Void> drain() {
    if (!leaving) {
      leaving = true;
      system.tell(new Session.Leave(left));
    }
    return left;
  }

  /** Ends everything now, as if the process had died. Returns at once. */
  public void stop() {
    stopping = true;
    system.terminate();
  }

  /**
   * Returns when the worker has ended.
   *
   * @throws NodeException if the cluster did not let it in
   */
  public void awaitTermination() throws InterruptedException {
    try {
      closed.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("nothing completes it with an error", e);
    }
    if (refusal != null) {
      throw new NodeException(
          NodeException.EXIT_BAD_CONFIG,
          "troupe.security.token-file: "
              + refusal
              + ". Give it the file that the coordinators have");
    }
  }

  private static BlobStore openStore(NodeConfig config) {
    try {
      return Stores.open(config.store());
    } catch (StoreException e) {
      String key =
          config.store().s3().isPresent() ? "troupe.store.url: " : "troupe.store.directory: ";
      throw new NodeException(NodeException.EXIT_FAILED, key + e.getMessage(), e);
    }
  }

  private static Collectives listen(NodeConfig config) {
    CollectiveConfig collective =
        CollectiveConfig.defaults()
            .withBind(config.bindHost(), config.worker().dataPort())
            .withTimeouts(config.worker().joinTimeout(), config.worker().stallTimeout())
            .withShmDir(config.worker().sharedMemory())
            .withTransport(Transport.valueOf(config.worker().transport().toUpperCase(Locale.ROOT)))
            .withSecret(config.security().token().orElse(""));
    try {
      return Collectives.open(collective);
    } catch (IOException e) {
      throw new NodeException(
          NodeException.EXIT_FAILED,
          "troupe.worker.data-port: cannot listen on %s:%d (%s). Set another port, 0 for any"
              .formatted(config.bindHost(), config.worker().dataPort(), e.getMessage()),
          e);
    }
  }

  private static WorkerSettings settings(NodeConfig config) {
    String version = WorkerNode.class.getPackage().getImplementationVersion();
    return new WorkerSettings(
        config.worker().id(),
        config.advertiseHost(),
        HostId.local(config.worker().sharedMemory()),
        config.coordinators(),
        config.worker().slots(),
        config.worker().driverSlots(),
        config.worker().joinTimeout(),
        config.worker().drainTimeout(),
        version == null ? "development" : version);
  }

  private static WorkerInfo info(Services services, String incarnation, int dataPort) {
    WorkerSettings settings = services.settings();
    return new WorkerInfo(
        settings.workerId(),
        incarnation,
        settings.host(),
        settings.hostId(),
        dataPort,
        settings.slots(),
        settings.driverSlots(),
        ProcessHandle.current().pid(),
        settings.version(),
        services.catalog().infos());
  }

  /** What is closed when the node ends, the newest first. */
  private static final class Resources {

    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T resource) {
      open.push(resource);
      return resource;
    }

    void close() {
      while (!open.isEmpty()) {
        try {
          open.pop().close();
        } catch (Exception e) {
          LOG.warn("not closed cleanly", e);
        }
      }
    }
  }
}
