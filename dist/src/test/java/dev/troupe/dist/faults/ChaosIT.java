package dev.troupe.dist.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.dist.testkit.LocalClusterHarness;
import dev.troupe.dist.testkit.NodeProcess;
import dev.troupe.dist.testkit.PostgresClusterHarness;
import dev.troupe.dist.testkit.SftJob;
import dev.troupe.dist.testkit.Site;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.Worker;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Minutes of faults, one after the other and at random, under jobs of every shape. When they end,
 * each job comes to its right end, and every slot is free again.
 *
 * <p>{@code -Dtroupe.chaos.minutes=N} and {@code -Dtroupe.chaos.seed=N} change how long, and which.
 */
@Tag("long")
class ChaosIT {

  private static final Logger LOG = LoggerFactory.getLogger(ChaosIT.class);

  private static final long MINUTES = Long.getLong("troupe.chaos.minutes", 4);
  private static final long SEED = Long.getLong("troupe.chaos.seed", 1);
  private static final int WORKERS = 3;
  private static final int TASKS = 200;
  private static final Duration CALM = Duration.ofMinutes(5);

  /** What runs, and the figure of its result that no fault may change. */
  private enum Kind {
    PI("pi", "pi"),
    TALLY("tally", "sum"),
    TRAINING("sft", "weightsSha256"),
    SWEEP("sft-sweep", "ranking"),
    BACKTEST("demo-pricing", "pricesSha256");

    final String workload;
    final String figure;

    Kind(String workload, String figure) {
      this.workload = workload;
      this.figure = figure;
    }
  }

  @TempDir static Path model;
  private static SftJob sft;

  @TempDir Path directory;
  private final Random random = new Random(SEED);
  private final Map<Kind, String> expected = new EnumMap<>(Kind.class);
  private final Map<String, Kind> open = new LinkedHashMap<>();
  private final Set<String> cancelled = new HashSet<>();
  private int submitted;
  private int ended;

  /** A cluster, whatever its coordinators and its journal. */
  private interface Cluster extends AutoCloseable {
    int coordinators();

    NodeProcess coordinator(int index);

    /** Starts it again, and waits until it takes calls. */
    void restartCoordinator(int index);

    NodeProcess worker(String id);

    void startWorker(String id);

    Job submit(String id, String workload, Map<String, ?> options);

    Job job(String id);

    Job cancel(String id);

    List<Worker> workers();

    @Override
    void close();
  }

  @BeforeAll
  static void writeModel() {
    sft = new SftJob(model);
  }

  @Test
  void oneCoordinatorOnH2() {
    try (Cluster cluster = new OnH2(LocalClusterHarness.start(directory, WORKERS))) {
      run(cluster);
    }
  }

  @Test
  void threeCoordinatorsOnPostgres() {
    try (Cluster cluster = new OnPostgres(startPostgres(), random)) {
      run(cluster);
    }
  }

  private PostgresClusterHarness startPostgres() {
    try {
      return PostgresClusterHarness.start(Site.LOOPBACK, null, directory, 3, WORKERS);
    } catch (IOException e) {
      assumeTrue(false, "needs a Postgres server that can be started here: " + e);
      throw new AssertionError(e);
    }
  }

  private void run(Cluster cluster) {
    submitAll(cluster);
    while (!open.isEmpty()) { // what comes of them undisturbed
      pause(1_000);
      replaceEnded(cluster, false);
    }
    submitAll(cluster);
    Instant until = Instant.now().plus(Duration.ofMinutes(MINUTES));
    int faults = 0;
    while (Instant.now().isBefore(until)) {
      pause(4_000);
      fault(cluster);
      faults++;
      replaceEnded(cluster, true);
      if (random.nextInt(8) == 0) {
        cancelATally(cluster);
      }
    }
    LOG.info("calm after {} faults; ended so far: {}; open: {}", faults, ended, open.keySet());
    Awaitility.await("all jobs to end")
        .atMost(CALM)
        .until(
            () -> {
              replaceEnded(cluster, false);
              return open.isEmpty();
            });
    Awaitility.await("every slot to be free")
        .atMost(CALM)
        .ignoreExceptions()
        .untilAsserted(
            () -> assertThat(cluster.workers()).filteredOn(this::isIdle).hasSize(WORKERS));
    LOG.info(
        "{} jobs ended right through {} faults, {} of them cancelled",
        ended,
        faults,
        cancelled.size());
  }

  private boolean isIdle(Worker worker) {
    return worker.getState().equals("active")
        && worker.getSlotsUsed() == 0
        && worker.getDriverSlotsUsed() == 0;
  }

  private void fault(Cluster cluster) {
    String worker = "worker-" + (1 + random.nextInt(WORKERS));
    int coordinator = random.nextInt(cluster.coordinators());
    int kind = random.nextInt(6);
    switch (kind) {
      case 0, 1 -> {
        LOG.info("fault: kill {}", worker);
        cluster.worker(worker).kill();
        cluster.startWorker(worker);
      }
      case 2 -> {
        LOG.info("fault: terminate {}", worker);
        cluster.worker(worker).terminate();
        cluster.worker(worker).awaitExit(Duration.ofSeconds(90));
        cluster.startWorker(worker);
      }
      case 3 -> {
        LOG.info("fault: freeze {}", worker);
        cluster.worker(worker).freeze();
        pause(12_000);
        cluster.worker(worker).thaw();
      }
      case 4 -> {
        LOG.info("fault: freeze coordinator {}", coordinator);
        cluster.coordinator(coordinator).freeze();
        pause(6_000);
        cluster.coordinator(coordinator).thaw();
      }
      default -> {
        LOG.info("fault: kill coordinator {}", coordinator);
        cluster.coordinator(coordinator).kill();
        pause(3_000);
        cluster.restartCoordinator(coordinator);
      }
    }
  }

  private void pause(int limitMillis) {
    LockSupport.parkNanos(Duration.ofMillis(random.nextInt(limitMillis)).toNanos());
  }

  private void submitAll(Cluster cluster) {
    for (Kind kind : Kind.values()) {
      submit(cluster, kind);
    }
  }

  private void submit(Cluster cluster, Kind kind) {
    String id = kind.workload + "-" + ++submitted;
    insist(id + " to be accepted", () -> cluster.submit(id, kind.workload, options(kind, id)));
    open.put(id, kind);
  }

  private Map<String, ?> options(Kind kind, String id) {
    return switch (kind) {
      case PI -> Map.of("tasks", TASKS, "seed", 7);
      case TALLY -> Map.of("tasks", TASKS, "round", 40, "millis", 20, "file", file(id));
      case TRAINING -> sft.options(120, 2, 20);
      case SWEEP -> sft.sweepOptions(1920, "3e-3,1e-3,1e-4");
      case BACKTEST -> Map.of("days", 100);
    };
  }

  private void cancelATally(Cluster cluster) {
    for (Map.Entry<String, Kind> job : open.entrySet()) {
      if (job.getValue() == Kind.TALLY) {
        LOG.info("cancel {}", job.getKey());
        insist(job.getKey() + " to be cancelled", () -> cluster.cancel(job.getKey()));
        cancelled.add(job.getKey());
      }
    }
  }

  /** Until a coordinator has answered; each call may be made twice. */
  private static void insist(String what, Supplier<Job> call) {
    Awaitility.await(what)
        .atMost(CALM)
        .ignoreExceptionsMatching(ChaosIT::isAbsence)
        .until(() -> call.get() != null);
  }

  /** No coordinator answers, or it has no worker that could check a job. */
  private static boolean isAbsence(Throwable e) {
    return e instanceof StatusRuntimeException status
        && Set.of(
                Status.Code.UNAVAILABLE,
                Status.Code.DEADLINE_EXCEEDED,
                Status.Code.FAILED_PRECONDITION)
            .contains(status.getStatus().getCode());
  }

  private Path file(String id) {
    return directory.resolve(id + ".lines");
  }

  private void replaceEnded(Cluster cluster, boolean replace) {
    Map.copyOf(open)
        .forEach(
            (id, kind) -> {
              Job job;
              try {
                job = cluster.job(id);
              } catch (StatusRuntimeException e) {
                return; // told later
              }
              if (hasEnded(job)) {
                check(id, kind, job);
                open.remove(id);
                ended++;
                if (replace) {
                  submit(cluster, kind);
                }
              }
            });
  }

  private void check(String id, Kind kind, Job job) {
    if (cancelled.contains(id) && job.getState() == JobState.JOB_STATE_CANCELLED) {
      return;
    }
    assertThat(job.getState()).as(job.toString()).isEqualTo(JobState.JOB_STATE_SUCCEEDED);
    String result = LocalClusterHarness.result(job, kind.figure);
    assertThat(result).as(id).isEqualTo(expected.computeIfAbsent(kind, k -> result));
    if (kind == Kind.TALLY) {
      assertThat(result).contains(Integer.toString(TASKS * (TASKS - 1) / 2));
      assertThat(lines(id))
          .containsAll(IntStream.range(0, TASKS).mapToObj(Integer::toString).toList());
    }
    LOG.info("{} ended right", id);
  }

  private List<String> lines(String id) {
    try {
      return Files.readAllLines(file(id));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean hasEnded(Job job) {
    return switch (job.getState()) {
      case JOB_STATE_SUCCEEDED, JOB_STATE_FAILED, JOB_STATE_CANCELLED -> true;
      default -> false;
    };
  }

  private record OnH2(LocalClusterHarness harness) implements Cluster {
    @Override
    public int coordinators() {
      return 1;
    }

    @Override
    public NodeProcess coordinator(int index) {
      return harness.coordinator();
    }

    @Override
    public void restartCoordinator(int index) {
      harness.startCoordinator();
    }

    @Override
    public NodeProcess worker(String id) {
      return harness.worker(id);
    }

    @Override
    public void startWorker(String id) {
      harness.startWorker(id);
    }

    @Override
    public Job submit(String id, String workload, Map<String, ?> options) {
      return harness.submit(id, workload, options);
    }

    @Override
    public Job job(String id) {
      return harness.job(id);
    }

    @Override
    public Job cancel(String id) {
      return harness.jobs().cancelJob(CancelJobRequest.newBuilder().setJobId(id).build());
    }

    @Override
    public List<Worker> workers() {
      return harness.listWorkers();
    }

    @Override
    public void close() {
      harness.close();
    }
  }

  /** Asks any of them. */
  private record OnPostgres(PostgresClusterHarness harness, Random random) implements Cluster {
    @Override
    public int coordinators() {
      return 3;
    }

    @Override
    public NodeProcess coordinator(int index) {
      return harness.coordinator(index);
    }

    @Override
    public void restartCoordinator(int index) {
      harness.restartCoordinator(index);
      harness.reconnect(index);
    }

    @Override
    public NodeProcess worker(String id) {
      return harness.worker(id);
    }

    @Override
    public void startWorker(String id) {
      harness.startWorker(id);
    }

    @Override
    public Job submit(String id, String workload, Map<String, ?> options) {
      return harness.submit(random.nextInt(coordinators()), id, workload, options);
    }

    @Override
    public Job job(String id) {
      return harness.job(random.nextInt(coordinators()), id);
    }

    @Override
    public Job cancel(String id) {
      return harness.cancel(random.nextInt(coordinators()), id);
    }

    @Override
    public List<Worker> workers() {
      return harness.listWorkers(random.nextInt(coordinators()));
    }

    @Override
    public void close() {
      harness.close();
    }
  }
}
