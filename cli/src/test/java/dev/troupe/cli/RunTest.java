package dev.troupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.troupe.cli.testkit.FakeCluster;
import dev.troupe.cli.testkit.TestIo;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.Failure;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.JobUpdate;
import dev.troupe.proto.v1.SubmitJobRequest;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunTest {

  @TempDir private Path folder;
  private FakeCluster cluster;
  private TestIo io;

  @BeforeEach
  void start() {
    cluster = new FakeCluster();
    io = new TestIo(folder).env("TROUPE_ADDRESS", cluster.address());
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void theResultGoesToStandardOutputAndTheRestToTheOther() {
    cluster.watches.add(
        observer -> {
          observer.onNext(update(JobState.JOB_STATE_RUNNING));
          observer.onNext(succeeded());
          observer.onCompleted();
        });
    assertThat(io.run("run pi --id pi-1 -o json")).isZero();
    assertThat(io.out()).isEqualTo("{\n  \"pi\": 3.14\n}\n");
    assertThat(io.err()).isEqualTo("Job pi-1 is pending.\n");
    assertThat(cluster.last(SubmitJobRequest.class).getJobId()).isEqualTo("pi-1");
  }

  @Test
  void aFailedJobIsOneReasonAndItsStack() {
    cluster.watches.add(
        observer -> {
          Failure failure =
              Failure.newBuilder()
                  .setMessage("no luck")
                  .setWhere("driver")
                  .setStack("at X")
                  .build();
          Job job = job(JobState.JOB_STATE_FAILED).setFailure(failure).build();
          observer.onNext(JobUpdate.newBuilder().setJob(job).build());
          observer.onCompleted();
        });
    assertThat(io.run("run pi --id pi-1")).isEqualTo(1);
    assertThat(io.out()).isEmpty();
    assertThat(io.err()).endsWith("Job pi-1 failed: no luck\n  at X\n");
  }

  @Test
  void theFirstInterruptCancelsAndTheSecondLeaves() throws Exception {
    CountDownLatch watching = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    cluster.watches.add(
        observer -> {
          observer.onNext(update(JobState.JOB_STATE_RUNNING));
          watching.countDown();
          cancelled.await();
          observer.onNext(update(JobState.JOB_STATE_CANCELLED));
          observer.onCompleted();
        });
    CompletableFuture<Integer> exit =
        CompletableFuture.supplyAsync(() -> io.run("run pi --id pi-1"));
    assertThat(watching.await(30, TimeUnit.SECONDS)).isTrue();
    io.interrupt();
    assertThat(cluster.last(CancelJobRequest.class).getJobId()).isEqualTo("pi-1");
    assertThat(exit).isNotDone();
    assertThat(io.exits).isEmpty();
    io.interrupt();
    assertThat(io.exits).containsExactly(130);
    cancelled.countDown();
    assertThat(exit.get(30, TimeUnit.SECONDS)).isEqualTo(130);
    assertThat(io.err()).contains("Cancelling job pi-1; Ctrl-C again leaves at once.");
  }

  @Test
  void watchOnlyLeaves() throws Exception {
    cluster.jobs.put("pi-1", job(JobState.JOB_STATE_RUNNING).build());
    CountDownLatch watching = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    cluster.watches.add(
        observer -> {
          watching.countDown();
          end.await();
          observer.onNext(succeeded());
          observer.onCompleted();
        });
    CompletableFuture<Integer> exit = CompletableFuture.supplyAsync(() -> io.run("watch pi-1"));
    assertThat(watching.await(30, TimeUnit.SECONDS)).isTrue();
    io.interrupt();
    assertThat(io.exits).containsExactly(130);
    assertThat(cluster.requests).noneMatch(CancelJobRequest.class::isInstance);
    end.countDown();
    assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
  }

  @Test
  void aCoordinatorThatComesBackIsFollowedFurther() throws Exception {
    CountDownLatch watching = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    cluster.watches.add(
        observer -> {
          observer.onNext(update(JobState.JOB_STATE_RUNNING));
          watching.countDown();
          never.await();
        });
    cluster.watches.add(
        observer -> {
          observer.onNext(succeeded());
          observer.onCompleted();
        });
    CompletableFuture<Integer> exit =
        CompletableFuture.supplyAsync(() -> io.run("run pi --id pi-1"));
    assertThat(watching.await(30, TimeUnit.SECONDS)).isTrue();
    cluster.stop();
    cluster.startAgain();
    assertThat(exit.get(30, TimeUnit.SECONDS)).isZero();
    assertThat(io.out()).isEqualTo("pi  3.14\n");
    assertThat(io.err())
        .contains("is away; trying again for up to 5m00s")
        .contains("Connected again");
    never.countDown();
  }

  @Test
  void patienceHasAnEnd() throws Exception {
    CountDownLatch watching = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    cluster.watches.add(
        observer -> {
          observer.onNext(update(JobState.JOB_STATE_RUNNING));
          watching.countDown();
          never.await();
        });
    CompletableFuture<Integer> exit =
        CompletableFuture.supplyAsync(() -> io.run("run pi --id pi-1 --reconnect 300ms"));
    assertThat(watching.await(30, TimeUnit.SECONDS)).isTrue();
    cluster.stop();
    assertThat(exit.get(30, TimeUnit.SECONDS)).isEqualTo(4);
    never.countDown();
  }

  private static Job.Builder job(JobState state) {
    return Job.newBuilder().setId("pi-1").setState(state);
  }

  private static JobUpdate update(JobState state) {
    return JobUpdate.newBuilder().setJob(job(state)).build();
  }

  private static JobUpdate succeeded() {
    Value pi = Value.newBuilder().setNumberValue(3.14).build();
    return JobUpdate.newBuilder()
        .setJob(
            job(JobState.JOB_STATE_SUCCEEDED).setResult(Struct.newBuilder().putFields("pi", pi)))
        .build();
  }
}
