package dev.troupe.worker.internal;

import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.protocol.ToJob.MemberOutcome;
import dev.troupe.core.Communicator;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A worker's figures. No series carries a job's id, so their number does not grow. */
public final class WorkerMetrics {

  private final int slots;
  private final Gauge slotsByState;
  private final Histogram tasks;
  private final Gauge outboxMessages;
  private final Gauge outboxBytes;
  private final Gauge generation;
  private final Counter generations;
  private final Histogram steps;
  private final Counter allReduceSeconds;
  private final Counter allReduceBytes;
  private final Gauge busBandwidth;
  private final Histogram checkpoints;
  private final Counter checkpointBytes;
  private final Gauge figures;
  private final Counter phaseSeconds;
  private final Set<List<String>> figuresSeen = new HashSet<>();
  private final Set<List<String>> phasesSeen = new HashSet<>();
  private final IdentityHashMap<Communicator, Communicator.Stats> seen = new IdentityHashMap<>();

  /** Names are the workloads' own, so their numbers have limits. */
  private static final int MOST_FIGURES = 256;

  private static final int MOST_PHASES = 64;

  public WorkerMetrics(Metrics metrics, int slots) {
    this.slots = slots;
    slotsByState =
        metrics.gauge(
            "troupe_worker_slots",
            "Slots by state: tasks, gang, free; drivers count beside them.",
            "state");
    tasks =
        metrics.histogram(
            "troupe_task_seconds", "Run time of tasks.", Metrics.buckets(0.0001, 10, 7), "outcome");
    outboxMessages =
        metrics.gauge("troupe_worker_outbox_messages", "Messages that no job has journaled yet.");
    outboxBytes =
        metrics.gauge(
            "troupe_worker_outbox_bytes", "Bytes of messages that no job has journaled yet.");
    generation =
        metrics.gauge(
            "troupe_gang_generation", "Generation of the gang that this worker joined last.");
    generations =
        metrics.counter(
            "troupe_gang_generations_total",
            "Generations that ended for a rank here, by how.",
            "outcome");
    steps =
        metrics.histogram(
            "troupe_step_seconds",
            "Time between the ends of two steps, checkpoints left out.",
            Metrics.buckets(0.01, 3, 10));
    allReduceSeconds =
        metrics.counter(
            "troupe_allreduce_seconds_total",
            "Time that reductions took, waiting for peers included.");
    allReduceBytes =
        metrics.counter("troupe_allreduce_bytes_total", "Payload bytes of reductions.");
    busBandwidth =
        metrics.gauge(
            "troupe_allreduce_bus_bytes_per_second",
            "Bus bandwidth of the newest generation here, S/t * 2(n-1)/n.");
    checkpoints =
        metrics.histogram(
            "troupe_checkpoint_seconds",
            "Time to write a checkpoint, on rank 0.",
            Metrics.buckets(0.01, 10, 5));
    checkpointBytes =
        metrics.counter(
            "troupe_checkpoint_bytes_total", "Bytes of checkpoints, all ranks, counted on rank 0.");
    figures =
        metrics.gauge(
            "troupe_progress",
            "Figures that a driver, task or rank here reported last with its progress.",
            "workload",
            "phase",
            "figure");
    phaseSeconds =
        metrics.counter(
            "troupe_training_phase_seconds_total",
            "Time that ranks here spent in each part of their steps, as their workloads tell.",
            "workload",
            "phase");
  }

  /** Adds to the time that ranks here spent in the parts of their steps. */
  synchronized void spent(String workload, Map<String, Double> seconds) {
    seconds.forEach(
        (phase, time) -> {
          List<String> series = List.of(workload, phase);
          if (phasesSeen.contains(series) || phasesSeen.size() < MOST_PHASES) {
            phasesSeen.add(series);
            phaseSeconds.labelValues(workload, phase).inc(Math.max(0, time));
          }
        });
  }

  /** Shows the figures of a report of progress. */
  synchronized void progressed(String workload, String phase, Map<String, Double> reported) {
    reported.forEach(
        (name, value) -> {
          List<String> series = List.of(workload, phase, name);
          if (figuresSeen.contains(series) || figuresSeen.size() < MOST_FIGURES) {
            figuresSeen.add(series);
            figures.labelValues(workload, phase, name).set(value);
          }
        });
  }

  void slots(LeaseTable leases) {
    int taskSlots = leases.count(TaskRunner.class);
    int gangSlots = leases.count(GangRunner.class);
    slotsByState.labelValues("tasks").set(taskSlots);
    slotsByState.labelValues("gang").set(gangSlots);
    slotsByState.labelValues("free").set(Math.max(0, slots - taskSlots - gangSlots));
    slotsByState.labelValues("driver").set(leases.count(DriverRunner.class));
  }

  void outbox(Outbox outbox) {
    outboxMessages.set(outbox.size());
    outboxBytes.set((double) outbox.bytes());
  }

  void taskEnded(boolean well, double seconds) {
    tasks.labelValues(well ? "succeeded" : "failed").observe(seconds);
  }

  void generationStarted(long number) {
    generation.set((double) number);
  }

  void generationEnded(MemberOutcome.Kind kind) {
    generations.labelValues(kind.name().toLowerCase(Locale.ROOT)).inc();
  }

  void stepEnded(double seconds, Communicator communicator) {
    steps.observe(seconds);
    count(communicator);
  }

  void checkpointWritten(long bytes, double seconds) {
    checkpoints.observe(seconds);
    checkpointBytes.inc(bytes);
  }

  /** Counts what the communicator did since the last time. */
  private synchronized void count(Communicator communicator) {
    Communicator.Stats now = communicator.stats();
    Communicator.Stats before = seen.put(communicator, now);
    if (before == null) {
      before = new Communicator.Stats(0, 0, 0);
    }
    allReduceSeconds.inc(Math.max(0, now.busySeconds() - before.busySeconds()));
    allReduceBytes.inc(Math.max(0, now.bytes() - before.bytes()));
    busBandwidth.set(now.busBandwidth(communicator.size()));
  }

  synchronized void communicatorClosed(Communicator communicator) {
    count(communicator);
    seen.remove(communicator);
  }
}
