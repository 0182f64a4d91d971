package dev.troupe.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Value;
import dev.troupe.cluster.protocol.ErrorInfo;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromCoordinator.StartMember;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.cluster.protocol.ToJob.MemberOutcome;
import dev.troupe.core.BlobRef;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.ListJobsRequest;
import dev.troupe.proto.v1.ListJobsResponse;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.SubmitJobRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real coordinator, asked through gRPC, with workers that speak the protocol. */
@Timeout(180)
class CoordinatorNodeTest {

  private static final BlobRef BLOB = new BlobRef("ab".repeat(32), 7);

  @TempDir Path dir;

  private static ToJob.SubmitTasks tasks(int attempt, int from, int to) {
    List<ToJob.TaskSpec> specs = new ArrayList<>();
    for (int i = from; i < to; i++) {
      specs.add(new ToJob.TaskSpec("t/" + i, "demo.Task", Payload.inline("" + i), "hash" + i));
    }
    return new ToJob.SubmitTasks(attempt, specs);
  }

  private static ToJob.SubmitGang gang(int attempt, int min, int max) {
    return new ToJob.SubmitGang(
        attempt, "train", "demo.Gang", Payload.inline("{}"), "gang-hash", min, max);
  }

  private static Set<String> outcomes(FakeWorker worker, int count) throws InterruptedException {
    Set<String> keys = new HashSet<>();
    while (keys.size() < count) {
      worker
          .take(FromCoordinator.Outcomes.class)
          .outcomes()
          .forEach(
              o -> {
                assertThat(o.error()).isNull();
                keys.add(o.key());
              });
    }
    return keys;
  }

  private static void ended(
      FakeWorker worker, StartMember member, MemberOutcome.Kind kind, int suspect) {
    boolean returned = kind == MemberOutcome.Kind.RETURNED;
    worker.say(
        member.lease().jobId(),
        new ToJob.MemberEnded(
            member.gangKey(),
            member.generation(),
            member.rank(),
            member.lease().leaseId(),
            new MemberOutcome(
                kind,
                returned ? Payload.inline("{\"rank\":" + member.rank() + "}") : null,
                kind == MemberOutcome.Kind.THREW ? new ErrorInfo("loss is NaN", "at demo") : null,
                suspect,
                kind == MemberOutcome.Kind.INTERRUPTED ? "rank " + suspect + " is gone" : null,
                -1)));
  }

  private static void started(FakeWorker worker, StartMember member) {
    worker.say(
        member.lease().jobId(),
        new ToJob.MemberStarted(member.gangKey(), member.generation(), member.rank()));
  }

  @Test
  void runsADriverAndItsTasksToTheirResult() throws Exception {
    try (TestCluster cluster = new TestCluster(dir)) {
      FakeWorker worker = cluster.worker("worker-1", 2);
      assertThat(cluster.submit("pi").getSpec().getName()).isEqualTo("fake");
      FromCoordinator.StartDriver driver = worker.take(FromCoordinator.StartDriver.class);
      assertThat(driver.attempt()).isEqualTo(1);
      assertThat(driver.optionsJson()).isEqualTo("{\"steps\":10}");
      worker.say("pi", new ToJob.DriverStarted(driver.lease().leaseId(), 1));
      worker.say("pi", tasks(1, 0, 1000));
      assertThat(outcomes(worker, 1000)).hasSize(1000);
      worker.say(
          "pi",
          new ToJob.DriverEnded(
              driver.lease().leaseId(), 1, Payload.inline("{\"pi\":3.25,\"n\":4}"), null));
      Job done = cluster.awaitState("pi", JobState.JOB_STATE_SUCCEEDED);
      assertThat(done.getResult().getFieldsOrThrow("pi").getNumberValue()).isEqualTo(3.25);
      assertThat(done.getTasks().getSucceeded()).isEqualTo(1000);
      assertThat(done.getDriverAttempts(0).getOutcome()).isEqualTo("succeeded");
      assertThat(new HashSet<>(worker.ran())).hasSize(1000);
      assertThat(worker.ran()).hasSize(1000);
      TestCluster.await("all is delivered", () -> worker.undelivered() == 0);
    }
  }

  @Test
  void aRestartedCoordinatorTakesUpWhatRunsAndRunsNothingTwice() throws Exception {
    try (TestCluster cluster = new TestCluster(dir)) {
      FakeWorker worker = cluster.worker("worker-1", 2);
      cluster.submit("long");
      FromCoordinator.StartDriver driver = worker.take(FromCoordinator.StartDriver.class);
      worker.say("long", new ToJob.DriverStarted(driver.lease().leaseId(), 1));
      worker.say("long", tasks(1, 0, 100));
      outcomes(worker, 100);

      cluster.stopCoordinator();
      cluster.start();

      FromCoordinator.StartDriver again = worker.take(FromCoordinator.StartDriver.class);
      assertThat(again.attempt()).isEqualTo(1);
      assertThat(again.lease().leaseId()).isEqualTo(driver.lease().leaseId());
      worker.say("long", tasks(1, 50, 150));
      assertThat(outcomes(worker, 100)).contains("t/50", "t/149");
      assertThat(worker.ran()).hasSize(150);
      worker.say(
          "long", new ToJob.DriverEnded(driver.lease().leaseId(), 1, Payload.inline("{}"), null));
      Job done = cluster.awaitState("long", JobState.JOB_STATE_SUCCEEDED);
      assertThat(done.getDriverAttemptsCount()).isEqualTo(1);
    }
  }

  @Test
  void aDriverIsStartedElsewhereWhenItsWorkerFallsSilentAndItsTasksGoOn() throws Exception {
    try (TestCluster cluster = new TestCluster(dir)) {
      FakeWorker first = cluster.worker("worker-1", 1);
      cluster.submit("durable");
      FromCoordinator.StartDriver driver = first.take(FromCoordinator.StartDriver.class);
      first.say("durable", tasks(1, 0, 10));
      outcomes(first, 10);
      FakeWorker second = cluster.worker("worker-2", 1);
      first.fallSilent();
      FromCoordinator.StartDriver next = second.take(FromCoordinator.StartDriver.class);
      assertThat(next.attempt()).isEqualTo(2);
      second.say("durable", tasks(2, 0, 20));
      assertThat(outcomes(second, 20)).hasSize(20);
      assertThat(second.ran()).hasSize(10);
      second.say(
          "durable", new ToJob.DriverEnded(next.lease().leaseId(), 2, Payload.inline("{}"), null));
      Job done = cluster.awaitState("durable", JobState.JOB_STATE_SUCCEEDED);
      assertThat(done.getDriverAttemptsList())
          .extracting(a -> a.getWorker())
          .containsExactly("worker-1", "worker-2");
      assertThat(driver.lease().leaseId()).isNotEqualTo(next.lease().leaseId());
    }
  }

  @Test
  void aGangGoesOnWithoutASuspectAndGrowsWhenAWorkerJoins() throws Exception {
    try (TestCluster cluster = new TestCluster(dir)) {
      FakeWorker one = cluster.worker("worker-1", 1);
      FakeWorker two = cluster.worker("worker-2", 1);
      cluster.submit("train");
      FromCoordinator.StartDriver driver = one.take(FromCoordinator.StartDriver.class);
      one.say("train", gang(1, 1, 2));
      StartMember a = one.take(StartMember.class);
      StartMember b = two.take(StartMember.class);
      assertThat(a.generation()).isEqualTo(1);
      assertThat(a.peers()).extracting(p -> p.workerId()).containsExactly("worker-1", "worker-2");
      started(one, a);
      started(two, b);
      cluster.awaitJob("train", j -> j.getGangs(0).getState().equals("running"));
      one.say("train", new ToJob.CheckpointWritten("train", 1, 50, BLOB, 10, 0.1));

      two.fallSilent();
      long killed = System.nanoTime();
      ended(one, a, MemberOutcome.Kind.INTERRUPTED, 1);
      StartMember alone = one.take(StartMember.class);
      assertThat((System.nanoTime() - killed) / 1e9)
          .isLessThan(5); // no time-out is waited for: that would be 6 s
      assertThat(alone.generation()).isEqualTo(2);
      assertThat(alone.peers()).hasSize(1);
      assertThat(alone.checkpoints()).extracting(c -> c.step()).containsExactly(50L);
      started(one, alone);

      FakeWorker three = cluster.worker("worker-3", 1);
      FromCoordinator.PauseGang pause = one.take(FromCoordinator.PauseGang.class);
      assertThat(pause.generation()).isEqualTo(2);
      // A checkpoint of an older generation counts for nothing, the current one's does.
      one.say("train", new ToJob.CheckpointWritten("train", 1, 900, BLOB, 10, 0.1));
      one.say("train", new ToJob.CheckpointWritten("train", 2, 70, BLOB, 10, 0.1));
      ended(one, alone, MemberOutcome.Kind.PAUSED, -1);
      StartMember both = one.take(StartMember.class);
      StartMember joined = three.take(StartMember.class);
      assertThat(both.generation()).isEqualTo(3);
      assertThat(both.checkpoints()).extracting(c -> c.step()).containsExactly(70L, 50L);
      assertThat(joined.rank()).isEqualTo(1);
      started(one, both);
      started(three, joined);
      ended(three, joined, MemberOutcome.Kind.RETURNED, -1);
      ended(one, both, MemberOutcome.Kind.RETURNED, -1);
      FromCoordinator.Outcomes outcomes = one.take(FromCoordinator.Outcomes.class);
      assertThat(outcomes.outcomes().get(0).result().json()).isEqualTo("{\"rank\":0}");
      one.say(
          "train", new ToJob.DriverEnded(driver.lease().leaseId(), 1, Payload.inline("{}"), null));
      cluster.awaitState("train", JobState.JOB_STATE_SUCCEEDED);
    }
  }

  @Test
  void aGangGoesOnOverARestartOfTheCoordinatorAndFailsWithTheErrorOfARank() throws Exception {
    try (TestCluster cluster = new TestCluster(dir)) {
      FakeWorker one = cluster.worker("worker-1", 1);
      FakeWorker two = cluster.worker("worker-2", 1);
      cluster.submit("train");
      one.take(FromCoordinator.StartDriver.class);
      one.say("train", gang(1, 2, 2));
      StartMember a = one.take(StartMember.class);
      StartMember b = two.take(StartMember.class);
      started(one, a);
      started(two, b);
      cluster.awaitJob("train", j -> j.getGangs(0).getState().equals("running"));

      cluster.stopCoordinator();
      cluster.start();

      // A real driver says again what it waits for when it is seen again; this one only listens, so
      // it has to be in sight before there is something to tell.
      one.take(FromCoordinator.StartDriver.class);
      assertThat(two.take(StartMember.class).generation()).isEqualTo(1);
      ended(one, a, MemberOutcome.Kind.INTERRUPTED, 1);
      ended(two, b, MemberOutcome.Kind.THREW, -1);
      FromCoordinator.Outcomes outcomes = one.take(FromCoordinator.Outcomes.class);
      assertThat(outcomes.outcomes().get(0).error().message()).isEqualTo("loss is NaN");
      assertThat(cluster.job("train").getGangs(0).getState()).isEqualTo("failed");
    }
  }

  @Test
  void aDrainingWorkerLeavesAtACheckpoint() throws Exception {
    try (TestCluster cluster = new TestCluster(dir)) {
      FakeWorker one = cluster.worker("worker-1", 1);
      cluster.submit("train");
      one.take(FromCoordinator.StartDriver.class);
      one.say("train", gang(1, 1, 1));
      StartMember a = one.take(StartMember.class);
      started(one, a);
      cluster.awaitJob("train", j -> j.getGangs(0).getState().equals("running"));
      FakeWorker two = cluster.worker("worker-2", 1);
      one.drain();
      one.take(FromCoordinator.PauseGang.class);
      one.say("train", new ToJob.CheckpointWritten("train", 1, 33, BLOB, 10, 0.1));
      ended(one, a, MemberOutcome.Kind.PAUSED, -1);
      StartMember moved = two.take(StartMember.class);
      assertThat(moved.checkpoints()).extracting(c -> c.step()).containsExactly(33L);
      TestCluster.await(
          "the driver has moved too",
          () ->
              cluster.job("train").getDriverAttemptsList().stream()
                  .anyMatch(d -> d.getWorker().equals("worker-2")));
    }
  }

  @Test
  void aJobThatComesBeforeTheWorkersDoAfterARestartIsTaken() throws Exception {
    // A slow machine has time until workers count as gathered.
    String slow = "troupe.coordinator { heartbeat-every = 5s, worker-lost-after = 30s }";
    try (TestCluster cluster = new TestCluster(dir, slow)) {
      FakeWorker worker = cluster.worker("worker-1", 1);
      cluster.stopCoordinator();
      worker.fallSilent(); // it has yet to find out
      cluster.start();
      CompletableFuture<Job> early = CompletableFuture.supplyAsync(() -> cluster.submit("early"));
      assertThat(cluster.cluster().listWorkers(ListWorkersRequest.getDefaultInstance()))
          .as("workers")
          .isEqualTo(ListWorkersResponse.getDefaultInstance());

      worker.speak();
      assertThat(early.get(30, TimeUnit.SECONDS).getId()).isEqualTo("early");
    }
  }

  @Test
  void refusesBadJobsAndKnowsRepeatedOnes() {
    try (TestCluster cluster = new TestCluster(dir)) {
      assertThatThrownBy(() -> cluster.submit("early")).hasMessageContaining("no workers");
      cluster.worker("worker-1", 1);
      assertThatThrownBy(
              () ->
                  cluster
                      .jobs()
                      .submitJob(
                          TestCluster.request("a", 1).toBuilder()
                              .setSpec(
                                  TestCluster.request("a", 1).getSpec().toBuilder()
                                      .setWorkload("fakr"))
                              .build()))
          .isInstanceOf(StatusRuntimeException.class)
          .hasMessageContaining("did you mean fake?");
      assertThatThrownBy(() -> cluster.jobs().submitJob(TestCluster.request("a", 0)))
          .hasMessageContaining("steps: 0");
      assertThatThrownBy(() -> cluster.jobs().submitJob(TestCluster.request("a", 13)))
          .hasMessageContaining("no unlucky number");
      cluster.jobs().submitJob(TestCluster.request("dry", 5).toBuilder().setDryRun(true).build());
      assertThatThrownBy(() -> cluster.job("dry")).hasMessageContaining("NOT_FOUND");
      Job first = cluster.submit("same");
      assertThat(cluster.submit("same").getCreated()).isEqualTo(first.getCreated());
      assertThatThrownBy(() -> cluster.jobs().submitJob(TestCluster.request("same", 11)))
          .hasMessageContaining("ALREADY_EXISTS");
    }
  }

  @Test
  void refusesOptionsThatNoMessageToAWorkerHolds() {
    try (TestCluster cluster = new TestCluster(dir)) {
      cluster.worker("worker-1", 1);
      SubmitJobRequest.Builder large = TestCluster.request("large", 10).toBuilder();
      large
          .getSpecBuilder()
          .getOptionsBuilder()
          .putFields("note", Value.newBuilder().setStringValue("x".repeat(300_000)).build());
      assertThatThrownBy(() -> cluster.jobs().submitJob(large.build()))
          .hasMessageContaining("options: 3000")
          .hasMessageContaining("expected: at most 131072");
    }
  }

  @Test
  void listsPagesCancelsAndSaysWhatAJobWaitsFor() throws Exception {
    try (TestCluster cluster = new TestCluster(dir, "troupe.coordinator.max-open-jobs = 6")) {
      FakeWorker worker = cluster.worker("worker-1", 1);
      for (int i = 0; i < 6; i++) {
        cluster.submit("job-" + i);
      }
      assertThatThrownBy(() -> cluster.submit("job-6")).hasMessageContaining("6 jobs are open");
      Job waiting = cluster.awaitJob("job-5", j -> !j.getPendingReason().contains("looks for"));
      assertThat(waiting.getPendingReason()).isEqualTo("1 job is ahead");
      assertThat(cluster.job("job-4").getPendingReason())
          .startsWith("needs a driver slot; 0 of 4 are free (worker-1: job-0/driver");
      List<String> seen = new ArrayList<>();
      String token = "";
      do {
        ListJobsResponse page =
            cluster
                .jobs()
                .listJobs(ListJobsRequest.newBuilder().setPageSize(4).setPageToken(token).build());
        page.getJobsList().forEach(j -> seen.add(j.getId()));
        token = page.getNextPageToken();
      } while (!token.isEmpty());
      assertThat(seen).containsExactly("job-5", "job-4", "job-3", "job-2", "job-1", "job-0");

      worker.take(FromCoordinator.StartDriver.class);
      cluster
          .jobs()
          .cancelJob(CancelJobRequest.newBuilder().setJobId("job-0").setReason("enough").build());
      worker.take(FromCoordinator.StopLease.class);
      Job cancelled = cluster.awaitState("job-0", JobState.JOB_STATE_CANCELLED);
      assertThat(cancelled.getFailure().getMessage()).isEqualTo("enough");
      cluster.awaitState("job-4", JobState.JOB_STATE_RUNNING);
    }
  }
}
