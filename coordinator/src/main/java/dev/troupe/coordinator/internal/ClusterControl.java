package dev.troupe.coordinator.internal;

import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Limits;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.core.BlobRef;
import dev.troupe.core.options.Nearest;
import dev.troupe.core.options.OptionsCheck;
import dev.troupe.core.options.Violation;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListArtifactsResponse;
import dev.troupe.proto.v1.ListJobsResponse;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.ListWorkloadsResponse;
import dev.troupe.proto.v1.SubmitJobRequest;
import dev.troupe.proto.v1.Worker;
import dev.troupe.proto.v1.Workload;
import io.grpc.Status;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** The front door's requests, turned into questions to the actors. */
final class ClusterControl implements ControlPlane {

  /** An actor that has not answered by then will not: the caller is told to try again. */
  private static final Duration ASK = Duration.ofSeconds(10);

  /** A worker that has not checked options by then is passed over for the next. */
  private static final Duration CHECK = Duration.ofSeconds(5);

  /** A summary that a busy job does not give by then is taken from the index. */
  private static final Duration PEEK = Duration.ofSeconds(1);

  private static final Executor LOOK_AGAIN =
      CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

  private static final String NAME_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
  private static final int NAME_LENGTH = 6;

  private final ActorSystem<?> system;
  private final Jobs jobs;
  private final ActorRef<SchedulerCommand> scheduler;
  private final ActorRef<JobIndex.Command> index;
  private final ActorRef<Runnable> questions;
  private final SecureRandom random = new SecureRandom();

  ClusterControl(
      ActorSystem<?> system,
      Jobs jobs,
      ActorRef<SchedulerCommand> scheduler,
      ActorRef<JobIndex.Command> index) {
    this.system = system;
    this.jobs = jobs;
    this.scheduler = scheduler;
    this.index = index;
    this.questions =
        system.systemActorOf(
            Behaviors.receiveMessage(
                question -> {
                  question.run();
                  return Behaviors.same();
                }),
            "questions-" + UUID.randomUUID(),
            Props.empty());
  }

  private interface Question<A> {
    void ask(ActorRef<A> replyTo);
  }

  private <A> CompletionStage<A> ask(Duration within, Question<A> question) {
    return AskPattern.<Runnable, A>ask(
        questions, r -> () -> question.ask(r), within, system.scheduler());
  }

  @Override
  public CompletionStage<Job> submit(SubmitJobRequest request) {
    return carriers(request.getSpec().getWorkload())
        .thenCompose(
            carriers -> workloads().thenCompose(all -> checked(request, all, carriers.workers())))
        .thenCompose(job -> request.getDryRun() ? done(job) : list(job));
  }

  /** Just after a coordinator's start its workers are on their way, and are waited for. */
  private CompletionStage<SchedulerCommand.Carriers> carriers(String workload) {
    return this.<SchedulerCommand.Carriers>ask(
            ASK, r -> scheduler.tell(new SchedulerCommand.FindCarriers(workload, r)))
        .thenCompose(
            found ->
                found.workers().isEmpty() && found.gathering()
                    ? CompletableFuture.supplyAsync(() -> carriers(workload), LOOK_AGAIN)
                        .thenCompose(again -> again)
                    : done(found));
  }

  /** The job as it would be, its options complete and valid. */
  private CompletionStage<Job> checked(
      SubmitJobRequest request, List<Workload> carried, List<ActorRef<FromCoordinator>> carriers) {
    JobSpec spec = request.getSpec();
    if (carried.isEmpty()) {
      throw new Refusal(
          Status.Code.FAILED_PRECONDITION,
          "NO_WORKERS",
          "no workers are connected, so the job cannot be checked; start one and submit again");
    }
    List<Violation> violations = new ArrayList<>();
    Workload workload =
        carried.stream()
            .filter(w -> w.getName().equals(spec.getWorkload()))
            .findFirst()
            .orElse(null);
    if (workload == null) {
      violations.add(new Violation("workload", unknown(spec.getWorkload(), carried)));
      throw Refusal.invalidJob(violations);
    }
    OptionsCheck.Checked checked =
        OptionsCheck.normalize(
            workload.getOptionsSchema(), Structs.json(spec.getOptions()).toString());
    if (!checked.isValid()) {
      throw Refusal.invalidJob(checked.violations());
    }
    int bytes = Payload.inline(checked.json()).inlineBytes();
    if (bytes > Limits.MAX_MESSAGE_BYTES) {
      violations.add(
          new Violation(
              "options",
              bytes
                  + " bytes (expected: at most "
                  + Limits.MAX_MESSAGE_BYTES
                  + "; name a file that the workers can read instead)"));
      throw Refusal.invalidJob(violations);
    }
    Job job =
        Job.newBuilder()
            .setId(request.getJobId().isEmpty() ? newId(spec.getWorkload()) : request.getJobId())
            .setState(JobState.JOB_STATE_PENDING)
            .setSpec(
                spec.toBuilder()
                    .setName(spec.getName().isEmpty() ? spec.getWorkload() : spec.getName())
                    .setOptions(Structs.parse(checked.json())))
            .build();
    return checkOn(carriers, 0, spec.getWorkload(), checked.json()).thenApply(ok -> job);
  }

  private static String unknown(String name, List<Workload> carried) {
    List<String> names = carried.stream().map(Workload::getName).toList();
    String near =
        Nearest.to(name, names)
            .map(n -> "did you mean " + n + "?")
            .orElse("expected: one of " + String.join(", ", names));
    return "'" + name + "' is not known here (" + near + ")";
  }

  /** Asks one worker after the other until one answers. */
  private CompletionStage<Boolean> checkOn(
      List<ActorRef<FromCoordinator>> workers, int next, String workload, String options) {
    if (next >= workers.size()) {
      throw new Refusal(
          Status.Code.UNAVAILABLE,
          "CHECK_TIMED_OUT",
          "no worker that carries workload '"
              + workload
              + "' checked the job within "
              + CHECK.toSeconds()
              + " s; look at `troupe workers` and submit again");
    }
    return this.<FromWorker.OptionsChecked>ask(
            CHECK,
            r -> {
              String id = ActorRefResolver.get(system).toSerializationFormat(r);
              workers.get(next).tell(new FromCoordinator.CheckOptions(id, workload, options));
            })
        .handle(
            (answer, error) -> {
              if (error != null) {
                if (unwrap(error) instanceof TimeoutException) {
                  return checkOn(workers, next + 1, workload, options);
                }
                return CompletableFuture.<Boolean>failedStage(error);
              }
              if (!answer.violations().isEmpty()) {
                return CompletableFuture.<Boolean>failedStage(
                    Refusal.invalidJob(
                        answer.violations().stream()
                            .map(v -> new Violation(v.field(), v.description()))
                            .toList()));
              }
              return done(true);
            })
        .thenCompose(stage -> stage);
  }

  private CompletionStage<Job> list(Job job) {
    return this.<JobIndex.Added>ask(ASK, r -> index.tell(new JobIndex.Add(Wire.encode(job), r)))
        .thenCompose(
            added ->
                switch (added.kind()) {
                  case LISTED, SAME ->
                      this.<Job>ask(
                          ASK,
                          r -> jobs.tell(job.getId(), new JobCommand.Accept(added.accepted(), r)));
                  case TAKEN ->
                      throw new Refusal(
                          Status.Code.ALREADY_EXISTS,
                          "JOB_ID_TAKEN",
                          "job '"
                              + job.getId()
                              + "' exists with another spec; choose another id, or leave it out");
                  case FULL ->
                      throw new Refusal(
                          Status.Code.RESOURCE_EXHAUSTED,
                          "QUEUE_FULL",
                          added.open()
                              + " jobs are open, the most there may be; wait for one to end, or"
                              + " raise troupe.coordinator.max-open-jobs");
                });
  }

  private String newId(String workload) {
    StringBuilder id = new StringBuilder(workload.toLowerCase(Locale.ROOT)).append('-');
    for (int i = 0; i < NAME_LENGTH; i++) {
      id.append(NAME_LETTERS.charAt(random.nextInt(NAME_LETTERS.length())));
    }
    return id.toString();
  }

  @Override
  public CompletionStage<Job> get(String jobId) {
    return this.<Job>ask(ASK, r -> jobs.tell(jobId, new JobCommand.Get(r)))
        .thenApply(job -> found(jobId, job));
  }

  private static Job found(String jobId, Job job) {
    if (job.getId().isEmpty()) {
      throw Refusal.jobNotFound(jobId);
    }
    return job;
  }

  @Override
  public CompletionStage<ListJobsResponse> list(
      int pageSize, String pageToken, Set<JobState> states) {
    try {
      JobIndex.parseToken(pageToken);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalidJob(
          List.of(
              new Violation(
                  "page_token", "'" + pageToken + "' (expected: the token of the page before)")));
    }
    return this.<ListJobsResponse>ask(
            ASK, r -> index.tell(new JobIndex.ListJobs(pageSize, pageToken, states, r)))
        .thenCompose(this::refreshed);
  }

  /** Open jobs as they are now, not as they were when their state last changed. */
  private CompletionStage<ListJobsResponse> refreshed(ListJobsResponse page) {
    List<CompletableFuture<Job>> all = new ArrayList<>();
    for (Job job : page.getJobsList()) {
      CompletionStage<Job> now =
          JobStates.isTerminal(job.getState())
              ? done(job)
              : this.<Job>ask(PEEK, r -> jobs.tell(job.getId(), new JobCommand.Get(r)))
                  .exceptionally(e -> job)
                  .thenApply(j -> j.getId().isEmpty() ? job : JobViews.summary(j));
      all.add(now.toCompletableFuture());
    }
    return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
        .thenApply(
            v ->
                page.toBuilder()
                    .clearJobs()
                    .addAllJobs(all.stream().map(CompletableFuture::join).toList())
                    .build());
  }

  @Override
  public Subscription watch(String jobId, Watcher watcher) {
    ActorRef<JobWatch.Command> actor =
        system.systemActorOf(
            JobWatch.create(jobId, jobs, watcher), "watch-" + UUID.randomUUID(), Props.empty());
    return () -> actor.tell(JobWatch.Leave.NOW);
  }

  @Override
  public CompletionStage<Job> cancel(String jobId, String reason) {
    return this.<Job>ask(ASK, r -> jobs.tell(jobId, new JobCommand.Cancel(reason, r)))
        .thenApply(job -> found(jobId, job));
  }

  @Override
  public CompletionStage<List<ArtifactEntry>> artifacts(String jobId) {
    return get(jobId)
        .thenCompose(
            job ->
                this.<ListArtifactsResponse>ask(
                    ASK, r -> jobs.tell(jobId, new JobCommand.ListArtifacts(r))))
        .thenApply(all -> all.getArtifactsList().stream().map(ClusterControl::entry).toList());
  }

  private static ArtifactEntry entry(Artifact a) {
    return new ArtifactEntry(
        a.getName(),
        new BlobRef(a.getSha256(), a.getBytes()),
        Instant.ofEpochMilli(Times.toMillis(a.getCreated())));
  }

  @Override
  public CompletionStage<List<Worker>> workers() {
    return this.<ListWorkersResponse>ask(
            ASK, r -> scheduler.tell(new SchedulerCommand.ListWorkers(r)))
        .thenApply(ListWorkersResponse::getWorkersList);
  }

  @Override
  public CompletionStage<Worker> drain(String workerId) {
    return this.<Worker>ask(ASK, r -> scheduler.tell(new SchedulerCommand.DrainWorker(workerId, r)))
        .thenApply(
            worker -> {
              if (worker.getId().isEmpty()) {
                throw new Refusal(
                    Status.Code.NOT_FOUND,
                    "WORKER_NOT_FOUND",
                    "no worker '" + workerId + "'; see `troupe workers` for those that there are");
              }
              return worker;
            });
  }

  @Override
  public CompletionStage<List<Workload>> workloads() {
    return this.<ListWorkloadsResponse>ask(
            ASK, r -> scheduler.tell(new SchedulerCommand.ListWorkloads(r)))
        .thenApply(ListWorkloadsResponse::getWorkloadsList);
  }

  private static <T> CompletionStage<T> done(T value) {
    return CompletableFuture.completedStage(value);
  }

  private static Throwable unwrap(Throwable error) {
    return error instanceof CompletionException && error.getCause() != null
        ? error.getCause()
        : error;
  }
}
