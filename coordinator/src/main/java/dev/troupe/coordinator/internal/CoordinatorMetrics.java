package dev.troupe.coordinator.internal;

import dev.troupe.cluster.Metrics;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.proto.v1.JobState;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import java.util.Locale;
import java.util.Map;

/** What a coordinator measures. No job ids: series live as long as the node. */
final class CoordinatorMetrics {

  private final Gauge jobs;
  private final Gauge slots;
  private final Counter leases;
  private final Counter tasks;
  private final Histogram queueWait;
  private final Histogram taskSeconds;
  private final Counter generations;
  private final Histogram recovery;
  private final Histogram journalWrite;
  private final Counter collections;
  private final Counter collectedBlobs;
  private final Counter collectedBytes;

  CoordinatorMetrics(Metrics metrics) {
    jobs = metrics.gauge("troupe_jobs", "Jobs that this coordinator lists, by state.", "state");
    slots = metrics.gauge("troupe_slots", "Slots of connected workers, by state.", "state");
    leases =
        metrics.counter("troupe_leases_granted_total", "Leases given to jobs, by kind.", "kind");
    tasks = metrics.counter("troupe_tasks_ended_total", "Tasks that ended, by outcome.", "outcome");
    queueWait =
        metrics.histogram(
            "troupe_queue_wait_seconds",
            "From a job's acceptance to the start of its driver.",
            new double[] {0.01, 0.1, 0.5, 1, 5, 30, 120, 600, 3600});
    taskSeconds =
        metrics.histogram(
            "troupe_task_duration_seconds",
            "Time that a task ran on its worker.",
            new double[] {0.001, 0.01, 0.1, 1, 10, 60, 600, 3600});
    generations =
        metrics.counter("troupe_gang_generations_total", "Generations of gangs that were started.");
    recovery =
        metrics.histogram(
            "troupe_gang_recovery_seconds",
            "From a generation's interruption until the next one ran.",
            new double[] {0.1, 0.5, 1, 2, 5, 10, 30, 60});
    journalWrite =
        metrics.histogram(
            "troupe_journal_write_seconds",
            "Time to make a job's events durable.",
            new double[] {0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1, 5});
    collections =
        metrics.counter(
            "troupe_store_collections_total",
            "Looks through the store for blobs that no job needs, by outcome.",
            "outcome");
    collectedBlobs =
        metrics.counter(
            "troupe_store_collected_blobs_total", "Blobs deleted, since no job needs them.");
    collectedBytes =
        metrics.counter(
            "troupe_store_collected_bytes_total",
            "Bytes of blobs deleted, since no job needs them.");
  }

  void jobs(Map<JobState, Integer> counts) {
    for (JobState state : JobState.values()) {
      if (state != JobState.JOB_STATE_UNSPECIFIED && state != JobState.UNRECOGNIZED) {
        String label = state.name().substring("JOB_STATE_".length()).toLowerCase(Locale.ROOT);
        jobs.labelValues(label).set(counts.getOrDefault(state, 0));
      }
    }
  }

  void slots(int total, int used) {
    slots.labelValues("used").set(used);
    slots.labelValues("free").set(Math.max(0, total - used));
  }

  void leaseGranted(Lease.Kind kind) {
    leases.labelValues(kind.name().toLowerCase(Locale.ROOT)).inc();
  }

  void taskEnded(double seconds, boolean failed) {
    tasks.labelValues(failed ? "failed" : "succeeded").inc();
    taskSeconds.observe(seconds);
  }

  void driverPlacedAfter(double seconds) {
    queueWait.observe(seconds);
  }

  void generationStarted() {
    generations.inc();
  }

  void gangRecovered(double seconds) {
    recovery.observe(seconds);
  }

  void collectionFailed() {
    collections.labelValues("failed").inc();
  }

  void collected(long blobs, long bytes) {
    collections.labelValues("done").inc();
    collectedBlobs.inc(blobs);
    collectedBytes.inc(bytes);
  }

  void journalWritten(double seconds) {
    journalWrite.observe(seconds);
  }
}
