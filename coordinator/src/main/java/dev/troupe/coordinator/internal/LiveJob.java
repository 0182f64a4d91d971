package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromWorker.Held;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.ToJob.TaskEnd;
import dev.troupe.cluster.protocol.ToJob.TaskSpec;
import dev.troupe.proto.journal.v1.ArtifactRecorded;
import dev.troupe.proto.journal.v1.GangSubmitted;
import dev.troupe.proto.journal.v1.Member;
import dev.troupe.proto.journal.v1.TaskResult;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.Progress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The half of a job that is not journaled: what can be learned again from workers and the
 * scheduler. Made anew each time that the job's entity recovers.
 *
 * <p>It hands on what the entity is told to the {@link DriverMachine}, the {@link TaskBoard} and
 * the {@link GangMachine}s, and ends the job.
 */
final class LiveJob {

  /**
   * Tasks without a result that a job may have. One run of the driver waits at a tenth of that, so
   * more are left from runs before, under keys that no run submits again.
   */
  static final int MAX_OPEN_TASKS = 100_000;

  /** The source of what a driver tells. */
  private static final String DRIVER = "driver";

  private final String jobId;
  private final JobRecord record;
  private final JobEntity.Env env;
  private final JobPort port;

  private final DriverMachine driver;
  private final TaskBoard tasks;
  private final Map<String, GangMachine> gangs = new LinkedHashMap<>();
  private final Results results;
  private final JobEnding ending;
  private final Map<String, String> reasons = new HashMap<>();
  private Progress progress = Progress.getDefaultInstance();
  private long submittedTasks;

  LiveJob(String jobId, JobRecord record, JobEntity.Env env, JobPort port) {
    this.jobId = jobId;
    this.record = record;
    this.env = env;
    this.port = port;
    driver = new DriverMachine(jobId, record, env.settings(), port, env.metrics());
    tasks = new TaskBoard(record.workload(), record.attempt() > 0, env.settings(), port);
    results = new Results(record, driver, port);
    ending = new JobEnding(record, results, env.blobs(), port, this::release);
    submittedTasks = record.results().size();
    if (!record.isTerminal()) {
      record.gangs().keySet().forEach(this::addGang);
    }
  }

  private void addGang(String key) {
    gangs.put(
        key,
        new GangMachine(
            jobId,
            record,
            key,
            env.settings(),
            port,
            env.metrics(),
            ended -> driver.tell(List.of(Outcomes.of(ended)))));
  }

  // --- leases

  void onGranted(List<Slot> slots, Outbox out) {
    if (!record.isOpen()) {
      // Told again, perhaps, since the job's last words were lost: work may run under it.
      slots.forEach(s -> port.release(s.leaseId(), true, "the job has ended"));
      port.demandChanged();
      return;
    }
    String request = slots.get(0).request();
    reasons.remove(request);
    if (request.equals(Wants.DRIVER)) {
      slots.forEach(s -> driver.onGranted(s, out));
    } else if (request.equals(Wants.TASKS)) {
      tasks.onGranted(slots);
    } else {
      GangMachine gang = gangs.get(Wants.gangKey(request));
      if (gang != null) {
        gang.onGranted(slots, out);
      } else {
        slots.forEach(s -> port.release(s.leaseId(), false, "no such gang"));
      }
    }
  }

  void onHeld(Slot slot, Held held, Outbox out) {
    if (!record.isOpen()) {
      port.release(slot.leaseId(), true, "the job has ended");
      port.demandChanged();
      return;
    }
    switch (slot.lease().kind()) {
      case DRIVER -> driver.onHeld(slot);
      case TASKS ->
          tasks.onHeld(slot, held.keys().stream().filter(k -> results.find(k) == null).toList());
      case GANG -> {
        GangMachine gang = gangs.get(Wants.gangKey(slot.request()));
        if (gang != null) {
          gang.onHeld(slot, held, out);
        } else {
          port.release(slot.leaseId(), true, "no such gang");
        }
      }
    }
  }

  void onLeaseLost(String leaseId, String reason, Outbox out) {
    ending.onStopped(leaseId, out);
    if (!record.isOpen()) {
      return;
    }
    if (driver.holds(leaseId)) {
      driver.onLost(reason, out);
      failIfOutOfAttempts(reason, out);
    } else if (tasks.knows(leaseId)) {
      List<TaskResult> failed = new ArrayList<>();
      tasks.onLeaseLost(leaseId).forEach((spec, error) -> failed.add(Results.failed(spec, error)));
      results.add(failed);
    } else {
      gangs.values().stream()
          .filter(g -> g.knows(leaseId))
          .forEach(g -> g.onLeaseLost(leaseId, reason, out));
    }
  }

  private void failIfOutOfAttempts(String reason, Outbox out) {
    if (driver.isOutOfAttempts()) {
      ending.fail("driver lost " + record.attempt() + " times, the last: " + reason, "", out);
    }
  }

  void onLeaseDraining(String leaseId, Outbox out) {
    if (!record.isOpen()) {
      return;
    }
    if (driver.holds(leaseId)) {
      driver.onDraining(out);
      failIfOutOfAttempts("its worker drains", out);
    }
    tasks.onLeaving(leaseId);
    gangs.values().forEach(g -> g.onDraining(leaseId, out));
  }

  void onGiveBack(String leaseId) {
    if (record.isOpen()) {
      tasks.onLeaving(leaseId);
    }
  }

  void onLeaseStopped(String leaseId, Outbox out) {
    ending.onStopped(leaseId, out);
  }

  /**
   * What the scheduler is to know.
   *
   * @param recovering whether this is the first since the entity was started anew
   */
  SchedulerCommand.Demand demand(boolean recovering) {
    List<SchedulerCommand.Want> wants = new ArrayList<>();
    if (record.isOpen()) {
      addIfWanted(wants, driver.want());
      addIfWanted(wants, tasks.want());
      gangs.values().forEach(g -> addIfWanted(wants, g.want()));
    }
    Set<String> wanted = new HashSet<>();
    wants.forEach(w -> wanted.add(w.request()));
    reasons.keySet().retainAll(wanted);
    return new SchedulerCommand.Demand(
        jobId,
        record.workload(),
        record.accepted().getSpec().getPriority(),
        record.created(),
        wants,
        holds(),
        recovering
            || driver.isExpected()
            || gangs.values().stream().anyMatch(GangMachine::isExpecting));
  }

  private static void addIfWanted(List<SchedulerCommand.Want> wants, SchedulerCommand.Want want) {
    if (want != null) {
      wants.add(want);
    }
  }

  private List<SchedulerCommand.Hold> holds() {
    List<SchedulerCommand.Hold> holds = new ArrayList<>(workHolds());
    if (record.isOpen()) {
      driver.hold().ifPresent(holds::add);
    }
    return holds;
  }

  private List<SchedulerCommand.Hold> workHolds() {
    List<SchedulerCommand.Hold> holds = new ArrayList<>(tasks.holds());
    gangs.values().forEach(g -> holds.addAll(g.holds()));
    return holds;
  }

  // --- what workers say

  void onMessage(ToJob message, Outbox out) {
    if (message instanceof ToJob.SubmitTasks submit) {
      onSubmitTasks(submit, out);
    } else if (message instanceof ToJob.DriverStarted started) {
      onDriverStarted(started);
    } else if (message instanceof ToJob.SubmitGang submit) {
      onSubmitGang(submit, out);
    } else if (message instanceof ToJob.DriverEnded ended) {
      onDriverEnded(ended, out);
    } else if (message instanceof ToJob.TasksReturned returned) {
      tasks.onReturned(returned.leaseId(), returned.keys());
    } else if (message instanceof ToJob.MemberStarted m) {
      withGang(m.gangKey(), g -> g.onMemberStarted(m.generation(), m.rank(), out));
    } else if (message instanceof ToJob.MemberEnded m) {
      withGang(m.gangKey(), g -> g.onMemberEnded(m.generation(), m.rank(), m.outcome(), out));
    } else if (message instanceof ToJob.CheckpointWritten written) {
      withGang(written.gangKey(), g -> g.onCheckpoint(written, out));
    } else if (message instanceof ToJob.ArtifactWritten written) {
      onArtifact(written, out);
    } else if (message instanceof ToJob.Progressed progressed) {
      onProgressed(progressed);
    }
  }

  private void onProgressed(ToJob.Progressed progressed) {
    int gangKey = progressed.source().lastIndexOf('/');
    if (gangKey > 0) {
      withGang(
          progressed.source().substring(0, gangKey),
          g -> g.onProgress(progressed.phase(), progressed.done()));
    }
    if (isNews(progressed)) {
      progress = JobViews.progress(progressed);
    }
  }

  /**
   * A driver that is run again tells once more what it did before; while a gang runs, that is past.
   */
  private boolean isNews(ToJob.Progressed progressed) {
    boolean again = record.attempt() > 1 && progressed.source().equals(DRIVER);
    return !again || gangs.values().stream().allMatch(GangMachine::isEnded);
  }

  /** Whether the message tells of progress in another phase than was told of last. */
  boolean beginsPhase(ToJob message) {
    return message instanceof ToJob.Progressed progressed
        && isNews(progressed)
        && !progressed.phase().equals(progress.getPhase());
  }

  private void withGang(String key, Consumer<GangMachine> action) {
    GangMachine gang = gangs.get(key);
    if (gang != null && !gang.isEnded()) {
      action.accept(gang);
    }
  }

  private void onDriverStarted(ToJob.DriverStarted m) {
    if (driver.hears(m.attempt())) {
      driver.onRuns();
    }
  }

  private void onSubmitTasks(ToJob.SubmitTasks m, Outbox out) {
    if (!driver.hears(m.attempt())) {
      return;
    }
    driver.onRuns();
    if (tasks.open() > MAX_OPEN_TASKS) {
      ending.fail(
          "more than "
              + MAX_OPEN_TASKS
              + " tasks have no result (expected: the same keys each time that the driver runs)",
          "",
          out);
      return;
    }
    List<TaskResult> known = new ArrayList<>();
    for (TaskSpec spec : m.tasks()) {
      if (isOtherInput(spec, m.begunUnder(), known)) {
        failOtherInput(spec.key(), out);
        return;
      }
    }
    Outcomes.batches(known).forEach(driver::tell);
    tasks.dispatch();
  }

  /**
   * Takes a task in, or adds its result to {@code known} if it has one.
   *
   * @return whether its key is known with another input
   */
  private boolean isOtherInput(TaskSpec spec, String begunUnder, List<TaskResult> known) {
    TaskResult result = results.find(spec.key());
    if (result != null) {
      known.add(result);
      String hash = result.getInputHash();
      return !hash.isEmpty() && !hash.equals(spec.inputHash());
    }
    TaskBoard.Submitted what = tasks.submit(spec, begunUnder);
    submittedTasks += what == TaskBoard.Submitted.NEW ? 1 : 0;
    return what == TaskBoard.Submitted.OTHER_INPUT;
  }

  private void failOtherInput(String key, Outbox out) {
    ending.fail(
        "'"
            + key
            + "' was submitted again with another input (expected: the same input under a"
            + " key each time that the driver runs; seed what is random)",
        "",
        out);
  }

  private void onSubmitGang(ToJob.SubmitGang m, Outbox out) {
    if (!driver.hears(m.attempt())) {
      return;
    }
    driver.onRuns();
    JobRecord.Gang known = record.gangs().get(m.key());
    if (known == null) {
      results.flush(out); // its causes first
      out.journal(out.event().setGangSubmitted(submitted(m)));
      out.then(
          () -> {
            addGang(m.key());
            tasks.releaseIdle(); // or it starts with fewer ranks than it could, and grows
            port.demandChanged();
          });
    } else if (!known.submitted.getInputHash().equals(m.inputHash())) {
      failOtherInput(m.key(), out);
    } else if (known.ended != null) {
      driver.tell(List.of(Outcomes.of(known.ended)));
    }
  }

  private static GangSubmitted submitted(ToJob.SubmitGang m) {
    return GangSubmitted.newBuilder()
        .setKey(m.key())
        .setClassName(m.className())
        .setInput(Convert.payload(m.input()))
        .setInputHash(m.inputHash())
        .setMinSize(m.minSize())
        .setMaxSize(m.maxSize())
        .build();
  }

  private void onArtifact(ToJob.ArtifactWritten m, Outbox out) {
    ArtifactRecorded known = record.artifacts().get(m.name());
    if (known == null || !known.getBlob().equals(Convert.blob(m.blob()))) {
      results.flush(out); // its causes first
      out.journal(
          out.event()
              .setArtifactRecorded(
                  ArtifactRecorded.newBuilder()
                      .setName(m.name())
                      .setBlob(Convert.blob(m.blob()))
                      .setCreated(System.currentTimeMillis())));
    }
  }

  void onTasksEnded(JobCommand.FromWorker message, ToJob.TasksEnded ends, Outbox out) {
    List<TaskResult> fresh = new ArrayList<>();
    for (TaskEnd end : ends.ends()) {
      tasks.onEnd(ends.leaseId(), end);
      if (results.find(end.key()) == null) {
        env.metrics().taskEnded(end.seconds(), end.error() != null);
        fresh.add(Results.of(end));
      }
    }
    results.add(fresh);
    results.acknowledgeLater(message);
    if (results.isFull()) {
      results.flush(out);
    }
    tasks.dispatch();
  }

  /** Journals the results that have gathered. */
  void flush(Outbox out) {
    results.flush(out);
  }

  private void onDriverEnded(ToJob.DriverEnded m, Outbox out) {
    if (driver.hears(m.attempt()) && driver.holds(m.leaseId())) {
      ending.onDriverEnded(m, out);
    }
  }

  // --- the end

  /** Stops every lease; the job is cancelled when they have stopped. */
  void cancel(String reason) {
    List<SchedulerCommand.Hold> all = new ArrayList<>(workHolds());
    driver.hold().ifPresent(all::add);
    ending.cancel(all, reason);
  }

  private void release(Member placed, boolean stopDriver, String reason) {
    driver.release(placed, stopDriver, reason);
    tasks.releaseAll(true, reason);
    gangs.values().forEach(g -> g.releaseAll(true, reason));
    reasons.clear();
    port.demandChanged();
  }

  // --- time and views

  void onTick(Outbox out) {
    if (record.cancel() != null) {
      ending.endIfCancelled(out);
      return;
    }
    tasks.onTick();
    gangs.values().stream().filter(g -> !g.isEnded()).forEach(g -> g.onTick(out));
    driver.onTick();
    results.flush(out); // if what was to trigger it was dropped
  }

  void onWaiting(Map<String, String> why) {
    reasons.putAll(why);
  }

  Job view() {
    JobViews.Counts counts = new JobViews.Counts(submittedTasks, tasks.running(), tasks.retried());
    return JobViews.job(record, pendingReason(), progress, counts, gangs);
  }

  /** The driver's wait comes first; then what work waits for, if none of it runs. */
  private String pendingReason() {
    if (!record.isOpen()) {
      return "";
    }
    if (record.driver() == null) {
      return reasons.getOrDefault(Wants.DRIVER, driver.waitsFor());
    }
    return reasons.entrySet().stream()
        .filter(e -> !e.getKey().equals(Wants.DRIVER))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse("");
  }
}
