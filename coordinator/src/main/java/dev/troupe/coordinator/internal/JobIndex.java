package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.CborMessage;
import dev.troupe.proto.journal.v1.IndexEvent;
import dev.troupe.proto.journal.v1.IndexSnapshot;
import dev.troupe.proto.journal.v1.JobAccepted;
import dev.troupe.proto.journal.v1.JobListed;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListJobsResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotAdapter;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The list of jobs, a cluster singleton. It journals each job's id before the job's own entity
 * does, so that after a restart it can wake every job that has not ended; it bounds how many are
 * open and lets the oldest ended ones go.
 */
final class JobIndex extends EventSourcedBehavior<JobIndex.Command, IndexEvent, JobIndex.Listed> {

  sealed interface Command extends CborMessage {}

  /**
   * Lists a new job.
   *
   * @param job with id and spec, by {@link Wire}
   */
  record Add(String job, ActorRef<Added> replyTo) implements Command {}

  /**
   * What came of it.
   *
   * @param accepted what the job's entity is to be told, by {@link Wire}; null unless listed
   */
  record Added(Kind kind, String accepted, int open) implements CborMessage {
    enum Kind {
      LISTED,
      SAME,
      TAKEN,
      FULL
    }
  }

  /** A job's entity tells its newest state. */
  record Changed(String job) implements Command {}

  /** A page, newest first. */
  record ListJobs(
      int pageSize, String pageToken, Set<JobState> states, ActorRef<ListJobsResponse> replyTo)
      implements Command {}

  /** The fold of the index's events. */
  static final class Listed {
    private final Map<String, Job> jobs = new LinkedHashMap<>();

    Listed apply(IndexEvent event) {
      switch (event.getEventCase()) {
        case LISTED -> jobs.put(event.getListed().getJob().getId(), event.getListed().getJob());
        case CHANGED -> jobs.replace(event.getChanged().getId(), event.getChanged());
        case REMOVED -> jobs.remove(event.getRemoved());
        case EVENT_NOT_SET ->
            throw new IllegalStateException(
                "the journal holds an event that this version does not know");
      }
      return this;
    }
  }

  private enum Wake implements Command {
    NOW
  }

  private static final int SNAPSHOT_EVERY = 500;

  /**
   * Open jobs are woken so often: an entity whose coordinator died, or that was moved to another,
   * is started elsewhere by the next message to it, and nobody else may have one.
   */
  private static final Duration WAKE_EVERY = Duration.ofSeconds(5);

  private static final String ID = "job-index";

  private final Settings settings;
  private final Jobs jobs;
  private final Consumer<String> purge;
  private final CoordinatorMetrics metrics;

  /**
   * @param purge deletes what is kept of a job; called on the index's thread, must not block
   */
  static Behavior<Command> create(
      Settings settings, Jobs jobs, Consumer<String> purge, CoordinatorMetrics metrics) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(Wake.NOW, WAKE_EVERY);
          return new JobIndex(settings, jobs, purge, metrics);
        });
  }

  private JobIndex(
      Settings settings, Jobs jobs, Consumer<String> purge, CoordinatorMetrics metrics) {
    super(
        PersistenceId.ofUniqueId(ID),
        SupervisorStrategy.restartWithBackoff(Duration.ofMillis(200), Duration.ofSeconds(10), 0.2));
    this.settings = settings;
    this.jobs = jobs;
    this.purge = purge;
    this.metrics = metrics;
  }

  @Override
  public Listed emptyState() {
    return new Listed();
  }

  @Override
  public EventHandler<Listed, IndexEvent> eventHandler() {
    return newEventHandlerBuilder().forAnyState().onAnyEvent(Listed::apply);
  }

  @Override
  public RetentionCriteria retentionCriteria() {
    return RetentionCriteria.snapshotEvery(SNAPSHOT_EVERY, 2).withDeleteEventsOnSnapshot();
  }

  @Override
  public SnapshotAdapter<Listed> snapshotAdapter() {
    return new SnapshotAdapter<>() {
      @Override
      public Object toJournal(Listed state) {
        return IndexSnapshot.newBuilder().addAllJobs(state.jobs.values()).build();
      }

      @Override
      public Listed fromJournal(Object from) {
        Listed listed = new Listed();
        ((IndexSnapshot) from).getJobsList().forEach(j -> listed.jobs.put(j.getId(), j));
        return listed;
      }
    };
  }

  @Override
  public SignalHandler<Listed> signalHandler() {
    return newSignalHandlerBuilder()
        .onSignal(RecoveryCompleted.instance(), this::wakeOpenJobs)
        .build();
  }

  private void wakeOpenJobs(Listed state) {
    for (Job job : state.jobs.values()) {
      if (!JobStates.isTerminal(job.getState())) {
        jobs.tell(job.getId(), new JobCommand.Accept(accepted(job), null));
      }
    }
    report(state);
  }

  private Effect<IndexEvent, Listed> onWake(Listed state) {
    wakeOpenJobs(state);
    return Effect().none();
  }

  private static String accepted(Job job) {
    return Wire.encode(
        JobAccepted.newBuilder()
            .setJobId(job.getId())
            .setSpec(job.getSpec())
            .setOptionsJson(Structs.json(job.getSpec().getOptions()).toString())
            .build());
  }

  @Override
  public CommandHandler<Command, IndexEvent, Listed> commandHandler() {
    return newCommandHandlerBuilder()
        .forAnyState()
        .onCommand(Add.class, this::onAdd)
        .onCommand(Changed.class, this::onChanged)
        .onCommand(ListJobs.class, this::onListJobs)
        .onCommand(Wake.class, (s, m) -> onWake(s))
        .build();
  }

  private Effect<IndexEvent, Listed> onAdd(Listed state, Add m) {
    Job asked = Wire.decode(m.job(), Job.parser());
    Job known = state.jobs.get(asked.getId());
    int open = open(state);
    if (known != null) {
      boolean same = known.getSpec().equals(asked.getSpec());
      // Told again, in case its entity was not reached the first time.
      m.replyTo()
          .tell(
              same
                  ? new Added(Added.Kind.SAME, accepted(known), open)
                  : new Added(Added.Kind.TAKEN, null, open));
      return Effect().none();
    }
    if (open >= settings.maxOpenJobs()) {
      m.replyTo().tell(new Added(Added.Kind.FULL, null, open));
      return Effect().none();
    }
    Job job =
        asked.toBuilder()
            .setState(JobState.JOB_STATE_PENDING)
            .setCreated(Times.fromMillis(System.currentTimeMillis()))
            .build();
    return Effect()
        .persist(IndexEvent.newBuilder().setListed(JobListed.newBuilder().setJob(job)).build())
        .thenRun(
            s -> {
              report(s);
              m.replyTo().tell(new Added(Added.Kind.LISTED, accepted(job), open + 1));
            });
  }

  private Effect<IndexEvent, Listed> onChanged(Listed state, Changed m) {
    Job job = Wire.decode(m.job(), Job.parser());
    Job known = state.jobs.get(job.getId());
    if (known == null || known.equals(job)) {
      return Effect().none();
    }
    List<IndexEvent> events = new ArrayList<>();
    events.add(
        IndexEvent.newBuilder().setChanged(job.toBuilder().setCreated(known.getCreated())).build());
    List<String> gone = surplus(state, job);
    gone.forEach(id -> events.add(IndexEvent.newBuilder().setRemoved(id).build()));
    return Effect()
        .persist(events)
        .thenRun(
            s -> {
              gone.forEach(purge);
              report(s);
            });
  }

  /** Ended jobs beyond the limit, once {@code job} has changed; the first that ended go first. */
  private List<String> surplus(Listed state, Job job) {
    if (!JobStates.isTerminal(job.getState())) {
      return List.of();
    }
    List<Job> ended =
        state.jobs.values().stream()
            .filter(j -> JobStates.isTerminal(j.getState()) && !j.getId().equals(job.getId()))
            .sorted(Comparator.comparingLong(j -> Times.toMillis(j.getEnded())))
            .toList();
    int over = ended.size() + 1 - settings.maxEndedJobs();
    return over <= 0 ? List.of() : ended.subList(0, over).stream().map(Job::getId).toList();
  }

  private Effect<IndexEvent, Listed> onListJobs(Listed state, ListJobs m) {
    Comparator<Job> newestFirst =
        Comparator.comparingLong((Job j) -> -Times.toMillis(j.getCreated()))
            .thenComparing(Job::getId);
    Job after = parseToken(m.pageToken());
    List<Job> found =
        state.jobs.values().stream()
            .filter(j -> m.states().isEmpty() || m.states().contains(j.getState()))
            .filter(j -> after == null || newestFirst.compare(j, after) > 0)
            .sorted(newestFirst)
            .limit(m.pageSize() + 1L)
            .toList();
    ListJobsResponse.Builder page = ListJobsResponse.newBuilder();
    page.addAllJobs(found.subList(0, Math.min(m.pageSize(), found.size())));
    if (found.size() > m.pageSize()) {
      page.setNextPageToken(token(found.get(m.pageSize() - 1)));
    }
    m.replyTo().tell(page.build());
    return Effect().none();
  }

  private static String token(Job last) {
    String text = Times.toMillis(last.getCreated()) + ":" + last.getId();
    return Base64.getUrlEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The last job of the page before, or null for the first page.
   *
   * @throws IllegalArgumentException if it is no token of ours
   */
  static Job parseToken(String token) {
    if (token.isEmpty()) {
      return null;
    }
    String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("no page token");
    }
    return Job.newBuilder()
        .setId(text.substring(colon + 1))
        .setCreated(Times.fromMillis(Long.parseLong(text.substring(0, colon))))
        .build();
  }

  private static int open(Listed state) {
    return (int)
        state.jobs.values().stream().filter(j -> !JobStates.isTerminal(j.getState())).count();
  }

  private void report(Listed state) {
    Map<JobState, Integer> counts = new EnumMap<>(JobState.class);
    state.jobs.values().forEach(j -> counts.merge(j.getState(), 1, Integer::sum));
    metrics.jobs(counts);
  }
}
