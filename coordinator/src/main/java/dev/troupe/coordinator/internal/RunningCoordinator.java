package dev.troupe.coordinator.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.typesafe.config.Config;
import dev.troupe.cluster.CoordinatorConfig;
import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeException;
import dev.troupe.cluster.NodeRole;
import dev.troupe.cluster.Nodes;
import dev.troupe.coordinator.internal.grpc.FrontDoor;
import dev.troupe.core.StoreException;
import dev.troupe.store.BlobStore;
import dev.troupe.store.LogStore;
import dev.troupe.store.Stores;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.SingletonActor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a coordinator, put together. */
public final class RunningCoordinator {

  private static final Logger LOG = LoggerFactory.getLogger(RunningCoordinator.class);

  /** The cluster has formed, and its singletons answer, by then; or the start has failed. */
  private static final Duration READY = Duration.ofSeconds(60);

  private static final Duration STOP = Duration.ofSeconds(30);

  /** What forgets old jobs does not wait for what looks through the store. */
  private static final int CLEANERS = 2;

  /** What the guardian hands to the outside. */
  private record Parts(
      Jobs jobs, ActorRef<SchedulerCommand> scheduler, ActorRef<JobIndex.Command> index) {}

  private final ActorSystem<Void> system;
  private final Journal journal;
  private final Optional<Roster> roster;
  private final Metrics metrics;
  private final FrontDoor door;
  private final ExecutorService cleaning;
  private final BlobStore blobs;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile Journal.Unusable broken;

  private RunningCoordinator(
      ActorSystem<Void> system,
      Journal journal,
      Optional<Roster> roster,
      Metrics metrics,
      FrontDoor door,
      ExecutorService cleaning,
      BlobStore blobs) {
    this.system = system;
    this.journal = journal;
    this.roster = roster;
    this.metrics = metrics;
    this.door = door;
    this.cleaning = cleaning;
    this.blobs = blobs;
  }

  /** See {@link dev.troupe.coordinator.CoordinatorNode#start}. */
  public static RunningCoordinator start(NodeConfig config) {
    Journal journal = openJournal(config);
    try {
      return start(config, journal);
    } catch (RuntimeException e) {
      journal.close();
      throw e;
    }
  }

  private static RunningCoordinator start(NodeConfig config, Journal journal) {
    BlobStore blobs = openStore(config);
    Metrics metrics = Metrics.start(config);
    LogStore logs = LogStore.open(config.store(), config.coordinator().logBytesPerJob());
    ExecutorService cleaning = Executors.newFixedThreadPool(CLEANERS, daemon("cleaning"));
    CompletableFuture<Parts> parts = new CompletableFuture<>();
    ActorSystem<Void> system;
    try {
      Behavior<Void> guardian =
          guardian(config, journal, blobs, logs, cleaning, new CoordinatorMetrics(metrics), parts);
      system = Nodes.start(guardian, config, NodeRole.COORDINATOR, pekko(journal));
    } catch (RuntimeException e) {
      metrics.close();
      cleaning.shutdownNow();
      throw e;
    }
    Optional<Roster> roster = journal.roster(Nodes.address(system));
    FrontDoor door;
    try {
      Parts p = parts.get(READY.toSeconds(), TimeUnit.SECONDS);
      ClusterEntry.enter(system, config, roster);
      awaitReady(system, p);
      roster.ifPresent(Roster::enter);
      ControlPlane control = new ClusterControl(system, p.jobs(), p.scheduler(), p.index());
      door = openDoor(config, control, logs, blobs);
    } catch (InterruptedException | ExecutionException | TimeoutException | RuntimeException e) {
      terminate(system);
      roster.ifPresent(Roster::close);
      metrics.close();
      cleaning.shutdownNow();
      throw failure(e);
    }
    RunningCoordinator running =
        new RunningCoordinator(system, journal, roster, metrics, door, cleaning, blobs);
    running.stopInOrder();
    var unused = journal.whenBroken().thenAccept(running::breakDown);
    LOG.info(
        "Coordinator is up: gRPC on port {}, control on {}", door.port(), Nodes.address(system));
    return running;
  }

  private static FrontDoor openDoor(
      NodeConfig config, ControlPlane control, LogStore logs, BlobStore blobs) {
    int port = config.coordinator().grpcPort();
    try {
      return FrontDoor.start(config.bindHost(), port, config.security(), control, blobs, logs);
    } catch (IOException e) {
      throw new NodeException(
          NodeException.EXIT_FAILED,
          "troupe.coordinator.grpc-port: cannot listen on "
              + config.bindHost()
              + ":"
              + port
              + " ("
              + (e.getCause() == null ? e : e.getCause()).getMessage()
              + "). Another process may have it: stop that one, or set another port",
          e);
    }
  }

  private static RuntimeException failure(Exception e) {
    if (e instanceof NodeException node) {
      return node;
    }
    if (e instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new NodeException(
        NodeException.EXIT_FAILED,
        "the coordinator did not become ready within "
            + READY.toSeconds()
            + " s ("
            + e
            + "); see its log. Do the addresses in troupe.coordinators answer?",
        e);
  }

  private static Journal openJournal(NodeConfig config) {
    try {
      if (config.coordinator().journal() instanceof CoordinatorConfig.Postgres pg) {
        return Journal.postgres(pg.url(), pg.user(), pg.password().orElse(""));
      }
      return Journal.h2(((CoordinatorConfig.H2) config.coordinator().journal()).file());
    } catch (Journal.Unusable e) {
      throw new NodeException(NodeException.EXIT_FAILED, e.getMessage(), e);
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

  private static Config pekko(Journal journal) {
    return journal.config();
  }

  private static Behavior<Void> guardian(
      NodeConfig config,
      Journal journal,
      BlobStore blobs,
      LogStore logs,
      ExecutorService cleaning,
      CoordinatorMetrics metrics,
      CompletableFuture<Parts> parts) {
    Settings settings = Settings.of(config);
    return Behaviors.setup(
        ctx -> {
          ActorSystem<Void> system = ctx.getSystem();
          ClusterSharding sharding = ClusterSharding.get(system);
          Jobs jobs = (id, command) -> sharding.entityRefFor(JobEntity.TYPE, id).tell(command);
          ClusterSingleton singletons = ClusterSingleton.get(system);
          ActorRef<SchedulerCommand> scheduler =
              singletons.init(
                  SingletonActor.of(
                      Behaviors.supervise(Scheduler.create(settings, jobs, metrics))
                          .onFailure(SupervisorStrategy.restart()),
                      "scheduler"));
          ActorRef<JobIndex.Command> index =
              singletons.init(
                  SingletonActor.of(
                      JobIndex.create(
                          settings,
                          jobs,
                          id -> cleaning.execute(() -> purge(id, journal, logs)),
                          metrics),
                      "job-index"));
          singletons.init(
              SingletonActor.of(
                  Behaviors.supervise(
                          StoreKeeper.create(
                              config.store().collectEvery(),
                              StoreKeeper.round(
                                  journal,
                                  blobs,
                                  settings.checkpointsKept(),
                                  config.store().collectAfter()),
                              cleaning,
                              metrics))
                      .onFailure(SupervisorStrategy.restart()),
                  "store-keeper"));
          LogWriter.Sink sink = (job, lines) -> logs.append(job, Instant.now(), lines);
          JobEntity.Env env =
              new JobEntity.Env(
                  settings,
                  metrics,
                  scheduler,
                  index,
                  ctx.spawn(LogWriter.create(sink), "logs", DispatcherSelector.blocking()),
                  ref -> UTF_8.decode(blobs.get(ref)).toString());
          sharding.init(
              Entity.of(JobEntity.TYPE, e -> JobEntity.create(e.getEntityId(), env, e.getShard())));
          ctx.spawn(
              Behaviors.supervise(Gateway.create(config.security(), scheduler, jobs))
                  .onFailure(SupervisorStrategy.restart()),
              dev.troupe.cluster.protocol.Gateway.NAME);
          parts.complete(new Parts(jobs, scheduler, index));
          return Behaviors.empty();
        });
  }

  /** Forgets what is kept of a job that ended long ago. */
  private static void purge(String jobId, Journal journal, LogStore logs) {
    try {
      journal.delete(JobEntity.persistenceId(jobId).id());
      logs.delete(jobId);
    } catch (SQLException | RuntimeException e) {
      LOG.warn("What is kept of job {} was not deleted: {}", jobId, e.toString());
    }
  }

  /** Until the singletons answer, which tells that the cluster has formed. */
  private static void awaitReady(ActorSystem<?> system, Parts p)
      throws InterruptedException, ExecutionException, TimeoutException {
    AskPattern.<SchedulerCommand, dev.troupe.proto.v1.ListWorkersResponse>ask(
            p.scheduler(), SchedulerCommand.ListWorkers::new, READY, system.scheduler())
        .toCompletableFuture()
        .get(READY.toSeconds(), TimeUnit.SECONDS);
    AskPattern.<JobIndex.Command, dev.troupe.proto.v1.ListJobsResponse>ask(
            p.index(),
            r -> new JobIndex.ListJobs(1, "", java.util.Set.of(), r),
            READY,
            system.scheduler())
        .toCompletableFuture()
        .get(READY.toSeconds(), TimeUnit.SECONDS);
  }

  /** On {@link #stop} as on SIGTERM: first the door, at the very end the journal. */
  private void stopInOrder() {
    CoordinatedShutdown.get(system)
        .addTask(
            CoordinatedShutdown.PhaseServiceUnbind(),
            "front-door",
            () -> CompletableFuture.supplyAsync(this::closeDoor));
    system
        .getWhenTerminated()
        .whenComplete(
            (done, error) -> {
              metrics.close();
              cleaning.shutdown();
              roster.ifPresent(Roster::close);
              journal.close();
              blobs.close();
              stopped.countDown();
            });
  }

  private void breakDown(Journal.Unusable why) {
    LOG.error("{}", why.getMessage());
    broken = why;
    stopped.countDown();
  }

  private Done closeDoor() {
    try {
      door.stop();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Done.getInstance();
  }

  public int grpcPort() {
    return door.port();
  }

  public int metricsPort() {
    return metrics.port();
  }

  public int controlPort() {
    return Nodes.address(system).port();
  }

  public void stop() {
    terminate(system);
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** See {@link dev.troupe.coordinator.CoordinatorNode#awaitStopped}. */
  public void awaitStopped() throws InterruptedException {
    stopped.await();
    if (broken != null) {
      throw new NodeException(NodeException.EXIT_FAILED, broken.getMessage(), broken);
    }
    if (CoordinatedShutdown.get(system)
        .getShutdownReason()
        .filter(CoordinatedShutdown.clusterDowningReason()::equals)
        .isPresent()) {
      throw new NodeException(
          NodeException.EXIT_FAILED,
          "cut off from most of the other coordinators, which take over its jobs; start it again,"
              + " and it joins them when it can reach them");
    }
  }

  private static void terminate(ActorSystem<?> system) {
    system.terminate();
    try {
      system.getWhenTerminated().toCompletableFuture().get(STOP.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The actor system did not stop in order: {}", e.toString());
    }
  }

  private static java.util.concurrent.ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
