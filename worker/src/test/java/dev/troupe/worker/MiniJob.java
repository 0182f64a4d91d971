package dev.troupe.worker;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromCoordinator.Outcome;
import dev.troupe.cluster.protocol.FromCoordinator.TaskRun;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The least that a job's entity does: runs the driver's tasks on workers and tells the driver. */
final class MiniJob {

  final String jobId;
  private final FakeCoordinator coordinator;
  private final List<String> taskWorkers;
  private final Map<String, Lease> taskLeases = new HashMap<>();
  private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
  private final Map<String, Integer> runs = new HashMap<>();
  private Lease driver;
  private int attempt;
  private int turn;

  MiniJob(FakeCoordinator coordinator, String jobId, String... taskWorkers)
      throws InterruptedException {
    this.coordinator = coordinator;
    this.jobId = jobId;
    this.taskWorkers = List.of(taskWorkers);
    for (String worker : taskWorkers) {
      taskLeases.put(worker, coordinator.lease(jobId, Lease.Kind.TASKS, worker));
    }
    listen();
  }

  /** From now on this is the job's entity. */
  void listen() {
    coordinator.onJobMessage((worker, message) -> on(message));
  }

  synchronized Lease startDriver(String worker, String what, int count)
      throws InterruptedException {
    driver = coordinator.lease(jobId, Lease.Kind.DRIVER, worker);
    attempt++;
    tellDriver(what, count);
    return driver;
  }

  /** Sends the same StartDriver once more. */
  synchronized void tellDriver(String what, int count) {
    driver
        .worker()
        .tell(
            new FromCoordinator.StartDriver(
                driver, attempt, "test", "{\"what\":\"%s\",\"count\":%d}".formatted(what, count)));
  }

  /** Forgets the tasks' outcomes, as an entity that lost its memory of them. */
  synchronized void forget() {
    outcomes.clear();
  }

  synchronized Map<String, Outcome> outcomes() {
    return Map.copyOf(outcomes);
  }

  /** How often tasks were handed to workers in all. */
  synchronized int runs() {
    return runs.values().stream().mapToInt(Integer::intValue).sum();
  }

  private synchronized void on(ToJob message) {
    if (message instanceof ToJob.SubmitTasks submit) {
      List<Outcome> known = new ArrayList<>();
      List<TaskRun> fresh = new ArrayList<>();
      for (ToJob.TaskSpec spec : submit.tasks()) {
        if (outcomes.containsKey(spec.key())) {
          known.add(outcomes.get(spec.key()));
        } else if (submit.begunUnder() == null) {
          runs.merge(spec.key(), 1, Integer::sum);
          fresh.add(new TaskRun(spec, 1));
        }
      }
      tell(known);
      if (!fresh.isEmpty()) {
        Lease lease = taskLeases.get(taskWorkers.get(turn++ % taskWorkers.size()));
        lease.worker().tell(new FromCoordinator.RunTasks(lease, "test", fresh));
      }
    } else if (message instanceof ToJob.TasksEnded ended) {
      List<Outcome> news = new ArrayList<>();
      for (ToJob.TaskEnd end : ended.ends()) {
        Outcome outcome = new Outcome(end.key(), end.result(), end.error());
        outcomes.put(end.key(), outcome);
        news.add(outcome);
      }
      tell(news);
    }
  }

  /** The driver hears that a task has returned, on whatever worker. */
  synchronized void returned(String key, String json) {
    tell(List.of(new Outcome(key, Payload.inline(json), null)));
  }

  Lease taskLease(String worker) {
    return taskLeases.get(worker);
  }

  private void tell(List<Outcome> news) {
    if (!news.isEmpty() && driver != null) {
      driver.worker().tell(new FromCoordinator.Outcomes(jobId, attempt, List.copyOf(news)));
    }
  }
}
