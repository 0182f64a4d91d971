package dev.troupe.coordinator.internal;

import dev.troupe.proto.journal.v1.ArtifactRecorded;
import dev.troupe.proto.journal.v1.CancelRequested;
import dev.troupe.proto.journal.v1.CheckpointRecorded;
import dev.troupe.proto.journal.v1.DriverPlaced;
import dev.troupe.proto.journal.v1.GangEnded;
import dev.troupe.proto.journal.v1.GangSnapshot;
import dev.troupe.proto.journal.v1.GangSubmitted;
import dev.troupe.proto.journal.v1.GenerationEnded;
import dev.troupe.proto.journal.v1.GenerationStarted;
import dev.troupe.proto.journal.v1.JobAccepted;
import dev.troupe.proto.journal.v1.JobEnded;
import dev.troupe.proto.journal.v1.JobEvent;
import dev.troupe.proto.journal.v1.JobSnapshot;
import dev.troupe.proto.journal.v1.Member;
import dev.troupe.proto.journal.v1.TaskResult;
import dev.troupe.proto.v1.Attempt;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.TimelineEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A job as its journal tells it: the fold of its events, and nothing else. It is changed by {@link
 * #apply} alone, and only by the entity's own thread.
 */
final class JobRecord {

  /** Timeline entries and driver attempts kept; the oldest go first. */
  static final int HISTORY = 200;

  /** A gang as the journal tells it. */
  static final class Gang {
    GangSubmitted submitted = GangSubmitted.getDefaultInstance();
    long generation;

    /** Of the generation under way, by rank; empty between generations. */
    List<Member> members = List.of();

    /** Newest first. */
    final Deque<CheckpointRecorded> checkpoints = new ArrayDeque<>();

    /** Generations that ended since the newest checkpoint. */
    int fruitless;

    GangEnded ended;

    long checkpointStep() {
      return checkpoints.isEmpty() ? 0 : checkpoints.peekFirst().getStep();
    }
  }

  private final int checkpointsKept;
  private JobAccepted accepted;
  private long created;
  private long started;
  private long endedAt;
  private int attempt;
  private Member driver;
  private final Deque<Attempt> attempts = new ArrayDeque<>();
  private final Map<String, TaskResult> results = new LinkedHashMap<>();
  private int failedTasks;
  private final Map<String, Gang> gangs = new LinkedHashMap<>();
  private final Map<String, ArtifactRecorded> artifacts = new LinkedHashMap<>();
  private CancelRequested cancel;
  private JobEnded ended;
  private final Deque<TimelineEvent> timeline = new ArrayDeque<>();
  private int timelineDropped;

  JobRecord(int checkpointsKept) {
    this.checkpointsKept = checkpointsKept;
  }

  boolean exists() {
    return accepted != null;
  }

  JobState state() {
    if (ended != null) {
      return ended.getState();
    }
    if (cancel != null) {
      return JobState.JOB_STATE_CANCELLING;
    }
    return started == 0 ? JobState.JOB_STATE_PENDING : JobState.JOB_STATE_RUNNING;
  }

  boolean isTerminal() {
    return ended != null;
  }

  /** Whether it may still do work: it has neither ended nor been cancelled. */
  boolean isOpen() {
    return exists() && ended == null && cancel == null;
  }

  /** Its workload's name; empty if the job does not exist. */
  String workload() {
    return exists() ? accepted.getSpec().getWorkload() : "";
  }

  JobAccepted accepted() {
    return accepted;
  }

  long created() {
    return created;
  }

  long started() {
    return started;
  }

  long endedAt() {
    return endedAt;
  }

  /** The driver's newest attempt, 0 before the first. */
  int attempt() {
    return attempt;
  }

  /** The lease of the driver's attempt under way, or null. */
  Member driver() {
    return driver;
  }

  Iterable<Attempt> attempts() {
    return attempts;
  }

  Map<String, TaskResult> results() {
    return results;
  }

  int failedTasks() {
    return failedTasks;
  }

  Map<String, Gang> gangs() {
    return gangs;
  }

  Map<String, ArtifactRecorded> artifacts() {
    return artifacts;
  }

  CancelRequested cancel() {
    return cancel;
  }

  JobEnded ended() {
    return ended;
  }

  Iterable<TimelineEvent> timeline() {
    return timeline;
  }

  int timelineDropped() {
    return timelineDropped;
  }

  JobRecord apply(JobEvent event) {
    long at = event.getAt();
    switch (event.getEventCase()) {
      case ACCEPTED -> {
        accepted = event.getAccepted();
        created = at;
        note(at, "accepted");
      }
      case DRIVER_PLACED -> onPlaced(at, event.getDriverPlaced());
      case DRIVER_LOST -> {
        driver = null;
        endAttempt(at, "lost: " + event.getDriverLost().getReason());
        note(at, "driver lost: " + event.getDriverLost().getReason());
      }
      case TASKS_ENDED -> event.getTasksEnded().getResultsList().forEach(r -> onResult(at, r));
      case GANG_SUBMITTED -> onGang(at, event.getGangSubmitted());
      case GENERATION_STARTED -> onGenerationStarted(at, event.getGenerationStarted());
      case GENERATION_ENDED -> onGenerationEnded(at, event.getGenerationEnded());
      case CHECKPOINT_RECORDED -> onCheckpoint(event.getCheckpointRecorded());
      case GANG_ENDED -> onGangEnded(at, event.getGangEnded());
      case ARTIFACT_RECORDED -> {
        ArtifactRecorded a = event.getArtifactRecorded();
        artifacts.put(a.getName(), a);
      }
      case CANCEL_REQUESTED -> {
        cancel = event.getCancelRequested();
        note(at, "cancel asked for" + suffix(cancel.getReason()));
      }
      case ENDED -> onEnded(at, event.getEnded());
      case EVENT_NOT_SET ->
          throw new IllegalStateException(
              "the journal holds an event that this version does not know: "
                  + event.getUnknownFields());
    }
    return this;
  }

  private void onPlaced(long at, DriverPlaced placed) {
    attempt = placed.getAttempt();
    driver = placed.getMember();
    if (started == 0) {
      started = at;
    }
    attempts.addLast(
        Attempt.newBuilder()
            .setNumber(attempt)
            .setWorker(driver.getWorkerId())
            .setStarted(Times.fromMillis(at))
            .build());
    if (attempts.size() > HISTORY) {
      attempts.removeFirst();
    }
    note(at, "driver attempt " + attempt + " starts on " + driver.getWorkerId());
  }

  private void endAttempt(long at, String outcome) {
    Attempt last = attempts.pollLast();
    if (last != null) {
      attempts.addLast(
          last.getOutcome().isEmpty()
              ? last.toBuilder().setEnded(Times.fromMillis(at)).setOutcome(outcome).build()
              : last);
    }
  }

  private void onResult(long at, TaskResult result) {
    TaskResult before = results.putIfAbsent(result.getKey(), result);
    if (before == null && result.hasError()) {
      failedTasks++;
      note(at, "task " + result.getKey() + " failed: " + result.getError().getMessage());
    }
  }

  private void onGang(long at, GangSubmitted submitted) {
    Gang gang = new Gang();
    gang.submitted = submitted;
    gangs.put(submitted.getKey(), gang);
    note(
        at,
        "gang "
            + submitted.getKey()
            + " submitted, "
            + submitted.getMinSize()
            + " to "
            + submitted.getMaxSize()
            + " ranks");
  }

  private void onGenerationStarted(long at, GenerationStarted g) {
    Gang gang = gangs.get(g.getKey());
    gang.generation = g.getGeneration();
    gang.members = g.getMembersList();
    note(
        at,
        "gang "
            + g.getKey()
            + " generation "
            + g.getGeneration()
            + " starts on "
            + String.join(", ", gang.members.stream().map(Member::getWorkerId).toList())
            + (gang.checkpoints.isEmpty()
                ? ""
                : "; newest checkpoint: step " + gang.checkpointStep()));
  }

  private void onGenerationEnded(long at, GenerationEnded g) {
    Gang gang = gangs.get(g.getKey());
    gang.members = List.of();
    if (g.getAdvanced()) {
      gang.fruitless = 0;
    } else if (!g.getPaused()) {
      gang.fruitless++;
    }
    note(
        at, "gang " + g.getKey() + " generation " + g.getGeneration() + " ended: " + g.getReason());
  }

  private void onCheckpoint(CheckpointRecorded c) {
    Gang gang = gangs.get(c.getKey());
    gang.checkpoints.addFirst(c);
    gang.fruitless = 0;
    while (gang.checkpoints.size() > checkpointsKept) {
      gang.checkpoints.removeLast();
    }
  }

  private void onGangEnded(long at, GangEnded e) {
    Gang gang = gangs.get(e.getKey());
    gang.ended = e;
    gang.members = List.of();
    note(
        at,
        "gang "
            + e.getKey()
            + (e.hasError() ? " failed: " + e.getError().getMessage() : " succeeded"));
  }

  private void onEnded(long at, JobEnded e) {
    ended = e;
    endedAt = at;
    driver = null;
    String outcome =
        switch (e.getState()) {
          case JOB_STATE_SUCCEEDED -> "succeeded";
          case JOB_STATE_CANCELLED -> "cancelled";
          default -> "failed";
        };
    endAttempt(at, outcome);
    note(at, outcome + suffix(e.getFailure().getMessage()));
  }

  private static String suffix(String text) {
    return text.isEmpty() ? "" : ": " + text;
  }

  private void note(long at, String message) {
    timeline.addLast(
        TimelineEvent.newBuilder().setTime(Times.fromMillis(at)).setMessage(message).build());
    if (timeline.size() > HISTORY) {
      timeline.removeFirst();
      timelineDropped++;
    }
  }

  JobSnapshot toSnapshot() {
    JobSnapshot.Builder s = JobSnapshot.newBuilder();
    s.setCreated(created).setStarted(started).setEndedAt(endedAt).setAttempt(attempt);
    s.addAllAttempts(attempts).addAllResults(results.values());
    s.addAllArtifacts(artifacts.values());
    s.addAllTimeline(timeline).setTimelineDropped(timelineDropped);
    if (accepted != null) {
      s.setAccepted(accepted);
    }
    if (driver != null) {
      s.setDriver(driver);
    }
    if (cancel != null) {
      s.setCancel(cancel);
    }
    if (ended != null) {
      s.setEnded(ended);
    }
    for (Gang gang : gangs.values()) {
      GangSnapshot.Builder g =
          GangSnapshot.newBuilder()
              .setSubmitted(gang.submitted)
              .setGeneration(gang.generation)
              .addAllMembers(gang.members)
              .addAllCheckpoints(gang.checkpoints)
              .setFruitless(gang.fruitless);
      if (gang.ended != null) {
        g.setEnded(gang.ended);
      }
      s.addGangs(g);
    }
    return s.build();
  }

  static JobRecord of(JobSnapshot s, int checkpointsKept) {
    JobRecord r = new JobRecord(checkpointsKept);
    r.accepted = s.hasAccepted() ? s.getAccepted() : null;
    r.created = s.getCreated();
    r.started = s.getStarted();
    r.endedAt = s.getEndedAt();
    r.attempt = s.getAttempt();
    r.driver = s.hasDriver() ? s.getDriver() : null;
    r.attempts.addAll(s.getAttemptsList());
    for (TaskResult result : s.getResultsList()) {
      r.results.put(result.getKey(), result);
      r.failedTasks += result.hasError() ? 1 : 0;
    }
    for (GangSnapshot g : s.getGangsList()) {
      Gang gang = new Gang();
      gang.submitted = g.getSubmitted();
      gang.generation = g.getGeneration();
      gang.members = g.getMembersList();
      gang.checkpoints.addAll(g.getCheckpointsList());
      gang.fruitless = g.getFruitless();
      gang.ended = g.hasEnded() ? g.getEnded() : null;
      r.gangs.put(gang.submitted.getKey(), gang);
    }
    s.getArtifactsList().forEach(a -> r.artifacts.put(a.getName(), a));
    r.cancel = s.hasCancel() ? s.getCancel() : null;
    r.ended = s.hasEnded() ? s.getEnded() : null;
    r.timeline.addAll(s.getTimelineList());
    r.timelineDropped = s.getTimelineDropped();
    return r;
  }
}
