package dev.troupe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.troupe.cli.testkit.FakeCluster;
import dev.troupe.cli.testkit.SampleJobs;
import dev.troupe.cli.testkit.TestIo;
import dev.troupe.proto.v1.Artifact;
import dev.troupe.proto.v1.Failure;
import dev.troupe.proto.v1.Gang;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.JobUpdate;
import dev.troupe.proto.v1.ListArtifactsResponse;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.ListWorkloadsResponse;
import dev.troupe.proto.v1.TaskCounts;
import dev.troupe.proto.v1.Worker;
import dev.troupe.proto.v1.Workload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {

  @TempDir private Path folder;
  private FakeCluster cluster;
  private TestIo io;

  @BeforeEach
  void start() {
    cluster = SampleJobs.cluster();
    io = new TestIo(folder).env("TROUPE_ADDRESS", cluster.address());
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void jobsAsATable() {
    assertThat(io.run("jobs")).isZero();
    assertThat(io.out().replaceAll(" +[0-9]+d[0-9]+h", " AGE").replaceAll("AGE +", "AGE "))
        .isEqualTo(
            """
            ID    NAME  STATE      PROGRESS     AGE TIME
            pi-2  pi    succeeded  sample 8/16 AGE 1m30s
            pi-1  pi    failed     sample 8/16 AGE 1m30s
            """);
    assertThat(io.err()).isEmpty();
  }

  @Test
  void jobsAsJson() {
    assertThat(io.run("jobs -o json --limit 1")).isZero();
    assertThat(io.out())
        .isEqualTo(
            """
            [
              {
                "id": "pi-2",
                "name": "pi",
                "workload": "pi",
                "state": "succeeded",
                "priority": 0,
                "created": "2025-06-15T15:06:40Z",
                "started": "2025-06-15T15:06:40Z",
                "ended": "2025-06-15T15:08:10Z",
                "options": {
                  "tasks": 16
                },
                "result": {
                  "pi": 3.14
                },
                "progress": {
                  "phase": "sample",
                  "done": 8,
                  "total": 16,
                  "metrics": {}
                }
              }
            ]
            """);
  }

  @Test
  void jobsByNameOverSeveralPages() {
    assertThat(io.run("jobs -o name")).isZero();
    assertThat(io.out()).isEqualTo("pi-2\npi-1\n");
  }

  @Test
  void aJobAsYaml() {
    assertThat(io.run("describe pi-1 -o yaml")).isZero();
    assertThat(io.out())
        .contains("id: pi-1\n")
        .contains("state: failed\n")
        .contains("failure:\n  message: out of luck\n  where: sample/3\n  stack:");
  }

  @Test
  void aJobForPeople() {
    assertThat(io.run("describe pi-1")).isZero();
    assertThat(io.out())
        .startsWith("Job:       pi-1\nWorkload:  pi\nState:     failed\n")
        .contains("Progress:  sample           8/16\n")
        .contains("Options:\n  tasks: 16\n")
        .contains("Failure:\n  sample/3: out of luck\n    java.lang.Error: out of luck\n");
  }

  @Test
  void coloursOnlyOnATerminalThatWantsThem() {
    io.terminal().run("jobs");
    assertThat(io.out()).contains("\u001b[32msucceeded");
    TestIo plain = new TestIo(folder).env("TROUPE_ADDRESS", cluster.address());
    plain.terminal().env("NO_COLOR", "1").run("jobs");
    assertThat(plain.out()).contains("succeeded").doesNotContain("\u001b");
  }

  @Test
  void aResultIsPrintedAndAFailureExplained() {
    assertThat(io.run("result pi-2")).isZero();
    assertThat(io.out()).isEqualTo("pi  3.14\n");
    assertThat(io.run("result pi-1")).isEqualTo(1);
    assertThat(io.err()).contains("Job pi-1 failed: sample/3: out of luck");
  }

  @Test
  void aResultForPeopleIsShortAndInItsOwnOrder() {
    Struct result =
        Struct.newBuilder()
            .putFields("weights", Value.newBuilder().setStringValue("ab12").build())
            .putFields("steps", Value.newBuilder().setNumberValue(4_000_000).build())
            .putFields("loss", Value.newBuilder().setNumberValue(6.2655263293791315).build())
            .putFields("rate", Value.newBuilder().setNumberValue(2e-5).build())
            .putFields("out", Value.newBuilder().setNullValueValue(0).build())
            .build();
    cluster.jobs.put(
        "r",
        SampleJobs.pi("r", JobState.JOB_STATE_SUCCEEDED).toBuilder().setResult(result).build());
    assertThat(io.run("result r")).isZero();
    assertThat(io.out())
        .isEqualTo("weights  ab12\nsteps    4000000\nloss     6.265526\nrate     2e-5\n");
    assertThat(io.run("result r -o wide")).isZero();
    assertThat(io.out()).contains("6.2655263293791315\n").endsWith("out      null\n");
  }

  @Test
  void aTextOfSeveralLinesInAResultIsShownWhole() {
    Struct result =
        Struct.newBuilder()
            .putFields(
                "text", Value.newBuilder().setStringValue("one\n\n" + "two ".repeat(100)).build())
            .putFields("rows", Value.newBuilder().setNumberValue(3).build())
            .build();
    cluster.jobs.put(
        "r",
        SampleJobs.pi("r", JobState.JOB_STATE_SUCCEEDED).toBuilder().setResult(result).build());
    assertThat(io.run("result r")).isZero();
    assertThat(io.out()).isEqualTo("text\none\n\n" + "two ".repeat(100) + "\n\nrows  3\n");
  }

  @Test
  void listsOfOneLengthAreATable() {
    Struct result =
        Struct.newBuilder()
            .putFields("strike", numbers(90, 100.5))
            .putFields("price", numbers(12.3456789012, 1e-9))
            .putFields("grid", numbers(1, 2, 3))
            .putFields("seconds", Value.newBuilder().setNumberValue(0.25).build())
            .build();
    cluster.jobs.put(
        "r",
        SampleJobs.pi("r", JobState.JOB_STATE_SUCCEEDED).toBuilder().setResult(result).build());
    assertThat(io.run("result r")).isZero();
    assertThat(io.out())
        .isEqualTo(
            """
            grid     [1,2,3]
            seconds  0.25
            strike  price
            90      12.34568
            100.5   1e-9
            """);
  }

  private static Value numbers(double... values) {
    ListValue.Builder list = ListValue.newBuilder();
    for (double value : values) {
      list.addValues(Value.newBuilder().setNumberValue(value));
    }
    return Value.newBuilder().setListValue(list).build();
  }

  @Test
  void aWaitingGangIsDescribedWithItsReasonAndWithoutZeros() {
    cluster.jobs.put(
        "sft-1",
        Job.newBuilder()
            .setId("sft-1")
            .setState(JobState.JOB_STATE_RUNNING)
            .setPendingReason("gang wants at least 5 workers; the cluster has 2")
            .setTasks(TaskCounts.newBuilder().setSubmitted(4).setSucceeded(3))
            .addGangs(
                Gang.newBuilder().setKey("train").setState("waiting").setMinSize(5).setMaxSize(8))
            .addGangs(
                Gang.newBuilder()
                    .setKey("tune")
                    .setState("running")
                    .setMinSize(2)
                    .setMaxSize(2)
                    .setGeneration(3)
                    .addWorkers("worker-1")
                    .addWorkers("worker-2")
                    .setCheckpointStep(40))
            .build());
    assertThat(io.run("describe sft-1")).isZero();
    assertThat(io.out())
        .contains("Waits:     gang wants at least 5 workers; the cluster has 2\n")
        .contains("Tasks:     4 submitted, 3 succeeded\n")
        .contains("  train: waiting, 5 to 8 ranks\n")
        .contains(
            "  tune: running, 2 ranks, generation 3 on worker-1 worker-2, checkpoint at step 40\n");
    assertThat(io.run("jobs")).isZero();
    assertThat(io.out()).containsPattern("sft-1 +running +waiting");
  }

  @Test
  void aCancelledJobShowsWhyAndHasNotFailed() {
    Job.Builder job = SampleJobs.pi("c", JobState.JOB_STATE_CANCELLED).toBuilder();
    cluster.jobs.put("c", job.setFailure(Failure.newBuilder().setMessage("too slow")).build());
    assertThat(io.run("describe c")).isZero();
    assertThat(io.out()).contains("Reason:    too slow\n").doesNotContain("Failure");
    assertThat(io.run("describe c -o yaml")).isZero();
    assertThat(io.out()).contains("cancelReason: too slow\n").doesNotContain("failure:");
  }

  @Test
  void cancelStopsTheOthersWhenOneIsUnknown() {
    assertThat(io.run("cancel nojob pi-1 pi-2 -o name")).isEqualTo(3);
    assertThat(io.out()).isEqualTo("pi-1\npi-2\n");
    assertThat(io.err()).isEqualTo("error: no job nojob\n");
  }

  @Test
  void watchByNamePrintsTheNameAlone() {
    cluster.watches.add(
        observer -> {
          observer.onNext(JobUpdate.newBuilder().setJob(cluster.jobs.get("pi-2")).build());
          observer.onCompleted();
        });
    assertThat(io.run("watch pi-2 -o name")).isZero();
    assertThat(io.out()).isEqualTo("pi-2\n");
    assertThat(io.err()).isEmpty(); // it was over before, so there is no progress to show
  }

  @Test
  void aTerminalGetsTheLastColumnWrapped() {
    cluster.workloads =
        ListWorkloadsResponse.newBuilder()
            .addWorkloads(
                Workload.newBuilder()
                    .setName("sft")
                    .setOptionsSchema("{}")
                    .setSummary("fine-tunes a model ".repeat(6)))
            .build();
    io.terminal().env("NO_COLOR", "1").run("workloads");
    List<String> lines = io.out().lines().toList();
    assertThat(lines).as(io.err()).hasSize(3).allMatch(line -> line.length() <= 80);
    assertThat(lines.get(2)).startsWith(" ".repeat(15) + "fine-tunes");
  }

  @Test
  void workersAndDrain() {
    cluster.workers =
        ListWorkersResponse.newBuilder()
            .addWorkers(
                Worker.newBuilder()
                    .setId("worker-1")
                    .setHost("127.0.0.1")
                    .setState("active")
                    .setSlots(1)
                    .setDriverSlots(4)
                    .setDriverSlotsUsed(1)
                    .addRunning("pi-1/driver"))
            .build();
    assertThat(io.run("workers")).isZero();
    assertThat(io.out())
        .isEqualTo(
            """
            ID        HOST       STATE   SLOTS  DRIVERS  AGE  RUNNING
            worker-1  127.0.0.1  active  0/1    1/4           pi-1/driver
            """);
    assertThat(io.run("drain worker-1")).isZero();
    assertThat(io.out()).endsWith("worker-1 draining\n");
  }

  @Test
  void workloadsAndTheirOptions() {
    assertThat(io.run("workloads sft")).isZero();
    assertThat(io.out())
        .isEqualTo(
            """
            sft: fine-tunes a language model

            OPTION  TYPE           DEFAULT     WHAT
            model   path           (required)  a folder
            data    list of paths
            epochs  number > 0     1
            note    string
            """);
    assertThat(io.run("workloads stf")).isEqualTo(3);
    assertThat(io.err()).contains("no worker carries a workload stf; did you mean 'sft'?");
  }

  @Test
  void artifactsAreListedFetchedAndChecked() throws IOException {
    byte[] bytes = "hello".getBytes(StandardCharsets.UTF_8);
    String sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    cluster.artifactBytes.put("a/report.txt", bytes);
    cluster.artifacts =
        ListArtifactsResponse.newBuilder()
            .addArtifacts(
                Artifact.newBuilder().setName("a/report.txt").setBytes(5).setSha256(sha256))
            .build();
    assertThat(io.run("artifacts pi-1 -o name")).isZero();
    assertThat(io.out()).isEqualTo("a/report.txt\n");
    assertThat(io.run("artifacts pi-1 --get a/report.txt")).isZero();
    assertThat(folder.resolve("report.txt")).hasContent("hello");
    Path sub = Files.createDirectories(folder.resolve("sub"));
    assertThat(io.run("artifacts pi-1 --get a/report.txt -O sub")).isZero();
    assertThat(sub.resolve("report.txt")).hasContent("hello");
    assertThat(io.run("artifacts pi-1 --get a/report.txt -O report.txt/x")).isEqualTo(1);
    assertThat(io.err()).contains("x: " + folder.resolve("report.txt") + " is no folder");

    cluster.artifactBytes.put("a/report.txt", "hallo".getBytes(StandardCharsets.UTF_8));
    assertThat(io.run("artifacts pi-1 --get a/report.txt -O other.txt")).isEqualTo(1);
    assertThat(folder.resolve("other.txt")).doesNotExist();
    assertThat(io.run("artifacts pi-1 --get a/reprot.txt")).isEqualTo(3);
    assertThat(io.err()).contains("has no artifact a/reprot.txt; did you mean 'a/report.txt'?");
  }

  @Test
  void logsGoOnWhereTheyBroke() {
    cluster.log = "one\ntwo\nthree\n".getBytes(StandardCharsets.UTF_8);
    cluster.logBreaksAfter = 6;
    assertThat(io.run("logs -f pi-1")).isZero();
    assertThat(io.out()).isEqualTo("one\ntwo\nthree\n");
    assertThat(io.err()).contains("is away").contains("Connected again");
  }

  @Test
  void completionKnowsTheCommands() {
    assertThat(io.run("completion bash")).isZero();
    assertThat(io.out()).contains("workloads").contains("--reconnect");
  }
}
