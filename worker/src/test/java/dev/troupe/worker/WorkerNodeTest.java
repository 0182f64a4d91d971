package dev.troupe.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.cluster.NodeException;
import dev.troupe.cluster.protocol.FromCoordinator;
import dev.troupe.cluster.protocol.FromCoordinator.TaskRun;
import dev.troupe.cluster.protocol.FromWorker;
import dev.troupe.cluster.protocol.Lease;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob;
import dev.troupe.core.Json;
import dev.troupe.core.Task;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers against a coordinator that speaks the protocol over a real connection. */
@Timeout(60)
class WorkerNodeTest {

  @TempDir Path folder;
  private FakeCoordinator coordinator;
  private final List<WorkerNode> nodes = new ArrayList<>();

  @BeforeEach
  void start() {
    TestWorkload.DOORS.clear();
    coordinator = new FakeCoordinator();
  }

  @AfterEach
  void stop() throws Exception {
    for (WorkerNode node : nodes) {
      node.stop();
      node.awaitTermination();
    }
    coordinator.close();
  }

  private WorkerNode worker(String id, String... settings) {
    return worker(id, coordinator.port(), settings);
  }

  private WorkerNode worker(String id, int port, String... settings) {
    NodeConfig config =
        NodeConfig.of(
            ConfigFactory.parseString(
                """
                troupe.coordinators = ["127.0.0.1:%d"]
                troupe.store.directory = "%s"
                troupe.worker { id = "%s", stall-timeout = 5s, join-timeout = 5s, drain-timeout = 5s }
                %s
                """
                    .formatted(port, folder.resolve("store"), id, String.join("\n", settings))));
    WorkerNode node = WorkerNode.start(config);
    nodes.add(node);
    return node;
  }

  @Test
  void aDriverFansOutItsTasksOverTwoWorkers() throws Exception {
    worker("worker-1");
    worker("worker-2");
    MiniJob job = new MiniJob(coordinator, "job-1", "worker-1", "worker-2");

    job.startDriver("worker-1", "sum", 3_000);

    ToJob.DriverEnded ended = coordinator.expect(ToJob.DriverEnded.class);
    assertThat(ended.error()).isNull();
    assertThat(ended.result().json()).isEqualTo("{\"sum\":8995500500}");
    assertThat(coordinator.all(ToJob.SubmitTasks.class).size()).isBetween(6, 300);
    assertThat(coordinator.all(ToJob.DriverStarted.class)).hasSize(1);
  }

  @Test
  void aTaskAloneBeginsBesideItsDriverAndTheJobHearsOfCausesBeforeEffects() throws Exception {
    worker("worker-1");
    MiniJob job = new MiniJob(coordinator, "job-1", "worker-1");

    job.startDriver("worker-1", "chain", 20);

    ToJob.DriverEnded ended = coordinator.expect(ToJob.DriverEnded.class);
    assertThat(ended.error()).isNull();
    assertThat(ended.result().json()).isEqualTo("{\"last\":%d}".formatted(chain(20)));
    assertThat(job.runs()).as("handed out by the job, until a slot was there").isEqualTo(1);
    List<String> heard = new ArrayList<>();
    for (ToJob message : coordinator.all(ToJob.class)) {
      if (message instanceof ToJob.SubmitTasks submit) {
        submit.tasks().forEach(spec -> heard.add("submit " + spec.key()));
      } else if (message instanceof ToJob.TasksEnded end) {
        end.ends().forEach(e -> heard.add("end " + e.key()));
      }
    }
    List<String> inOrder = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      inOrder.add("submit link/" + i);
      inOrder.add("end link/" + i);
    }
    assertThat(heard).containsExactlyElementsOf(inOrder);
  }

  /** The job has given the slot back at the moment when the task began. */
  @Test
  void aTaskBesideItsDriverWhoseLeaseEndsIsTheJobsToEnd() throws Exception {
    worker("worker-1");
    MiniJob job = new MiniJob(coordinator, "job-1", "worker-1");
    job.startDriver("worker-1", "wait", 1);
    TestWorkload.door("alone-begun").await();
    Lease lease = job.taskLease("worker-1");
    coordinator.forgetReceived();

    lease.worker().tell(new FromCoordinator.StopLease(lease.leaseId(), "no tasks left"));
    TestWorkload.door("alone-interrupted").await();
    coordinator.expectFromWorker(
        FromWorker.Heartbeat.class, beat -> !beat.leaseIds().contains(lease.leaseId()));
    job.returned("waits", "\"elsewhere\"");

    ToJob.DriverEnded ended = coordinator.expect(ToJob.DriverEnded.class);
    assertThat(ended.error()).isNull();
    assertThat(ended.result().json()).isEqualTo("{\"waited\":\"elsewhere\"}");
  }

  private static long chain(int links) {
    long last = 2;
    for (int i = 0; i < links; i++) {
      last = (last % 1000) * (last % 1000);
    }
    return last;
  }

  @Test
  void aDriverThatIsRunAgainAsksTheJobForEveryTask() throws Exception {
    worker("worker-1");
    MiniJob job = new MiniJob(coordinator, "job-1", "worker-1");
    job.startDriver("worker-1", "chain", 5);
    coordinator.expect(ToJob.DriverEnded.class, e -> e.attempt() == 1);

    job.startDriver("worker-1", "chain", 5);

    coordinator.expect(ToJob.DriverEnded.class, e -> e.attempt() == 2);
    assertThat(coordinator.all(ToJob.SubmitTasks.class).stream().filter(s -> s.attempt() == 2))
        .hasSize(5)
        .allMatch(submit -> submit.begunUnder() == null);
    assertThat(job.runs()).isEqualTo(1);
  }

  @Test
  void aSecondAttemptFastForwardsThroughWhatIsDone() throws Exception {
    worker("worker-1");
    worker("worker-2");
    MiniJob job = new MiniJob(coordinator, "job-1", "worker-2");
    job.startDriver("worker-1", "sum", 100);
    coordinator.expect(ToJob.DriverEnded.class, e -> e.attempt() == 1);

    job.startDriver("worker-2", "sum", 100);

    ToJob.DriverEnded again = coordinator.expect(ToJob.DriverEnded.class, e -> e.attempt() == 2);
    assertThat(again.result().json()).isEqualTo("{\"sum\":328350}");
    assertThat(job.runs()).isEqualTo(100);
  }

  @Test
  void tasksThatFailKeepTheirStackAndLargeValuesGoThroughTheStore() throws Exception {
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(
        lease,
        Map.of(
            "fails", new TestWorkload.Fails("no luck"),
            "overflows", new TestWorkload.Overflows(0),
            "doubles", new TestWorkload.Doubles("ä".repeat(50_000)),
            "square", new TestWorkload.Square(12)));

    ToJob.TaskEnd fails = end("fails");
    assertThat(fails.error().message()).isEqualTo("no luck");
    assertThat(fails.error().stack()).contains("IllegalStateException", "TestWorkload$Fails.run");
    assertThat(end("overflows").error().stack()).contains("StackOverflowError");
    assertThat(end("doubles").result().blob().bytes()).isEqualTo(2 * 2 * 50_000 + 2);
    assertThat(end("square").result().json()).isEqualTo("144");
  }

  @Test
  void aClassThatIsNoTaskIsNeverTouched() throws Exception {
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    ToJob.TaskSpec spec =
        new ToJob.TaskSpec("evil", "java.lang.ProcessBuilder", Payload.inline("{}"), "x");

    lease.worker().tell(new FromCoordinator.RunTasks(lease, "test", List.of(new TaskRun(spec, 1))));

    assertThat(end("evil").error().message())
        .contains("java.lang.ProcessBuilder (expected: a record that implements Task");
  }

  @Test
  void resultsWaitForACoordinatorThatIsAway() throws Exception {
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(lease, Map.of("waits", new TestWorkload.Waits("door")));
    TestWorkload.door("door-begun").await();
    int port = coordinator.port();
    coordinator.close();
    TestWorkload.door("door").countDown();

    coordinator = new FakeCoordinator(port, Duration.ofSeconds(60));

    assertThat(end("waits").result().json()).isEqualTo("\"through door\"");
    FromWorker.Hello hello = coordinator.worker("worker-1").hello();
    assertThat(hello.held())
        .containsExactly(
            new FromWorker.Held(lease.leaseId(), "job-1", Lease.Kind.TASKS, List.of("waits"), 0));
  }

  @Test
  void lostEnvelopesAreSentAgain() throws Exception {
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    coordinator.acknowledge(
        envelope ->
            coordinator.received().stream().filter(envelope::equals).count()
                >= 2); // the first is lost

    run(lease, Map.of("square", new TestWorkload.Square(3)));

    assertThat(end("square").result().json()).isEqualTo("9");
  }

  @Test
  void aFencedWorkerStopsAndComesBackAsAnother() throws Exception {
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(lease, Map.of("waits", new TestWorkload.Waits("door")));
    TestWorkload.door("door-begun").await();

    lease.worker().tell(new FromCoordinator.Fenced(lease.incarnation(), "it was silent"));

    FromWorker.Hello again =
        coordinator.expectFromWorker(
            FromWorker.Hello.class,
            hello -> !hello.info().incarnation().equals(lease.incarnation()));
    assertThat(again.held()).isEmpty();
    run(lease, Map.of("late", new TestWorkload.Square(2)));
    Lease valid = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(valid, Map.of("square", new TestWorkload.Square(4)));
    assertThat(end("square").result().json()).isEqualTo("16");
    assertThat(coordinator.all(ToJob.TasksEnded.class)).hasSize(1);
  }

  @Test
  void aStoppedLeaseInterruptsItsTaskAndFreesItsSlot() throws Exception {
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(lease, Map.of("waits", new TestWorkload.Waits("door")));
    TestWorkload.door("door-begun").await();
    coordinator.expectFromWorker(
        FromWorker.Heartbeat.class, beat -> beat.leaseIds().contains(lease.leaseId()));

    lease.worker().tell(new FromCoordinator.StopLease(lease.leaseId(), "cancelled"));

    long now = coordinator.received().size();
    coordinator.expectFromWorker(
        FromWorker.Heartbeat.class, beat -> beat.leaseIds().isEmpty() && beat.number() > now / 10);
    assertThat(coordinator.all(ToJob.TasksEnded.class)).isEmpty();
  }

  @Test
  void aSlotThatIsFreeAgainIsToldOfAtOnce() throws Exception {
    coordinator.beatEvery(Duration.ofHours(1));
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(lease, Map.of("waits", new TestWorkload.Waits("freed")));
    TestWorkload.door("freed-begun").await();
    List<FromWorker> before = coordinator.received();

    lease.worker().tell(new FromCoordinator.StopLease(lease.leaseId(), "cancelled"));

    coordinator.expectFromWorker(
        FromWorker.Heartbeat.class, beat -> !before.contains(beat) && beat.leaseIds().isEmpty());
  }

  @Test
  void aSilentCoordinatorIsAbandoned() throws Exception {
    coordinator.close();
    coordinator = new FakeCoordinator(0, Duration.ofSeconds(1));
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(lease, Map.of("waits", new TestWorkload.Waits("door")));
    TestWorkload.door("door-begun").await();

    coordinator.mute(true);
    assertThat(TestWorkload.door("door-interrupted").await(20, TimeUnit.SECONDS)).isTrue();
    coordinator.mute(false);

    FromWorker.Hello again =
        coordinator.expectFromWorker(
            FromWorker.Hello.class,
            hello -> !hello.info().incarnation().equals(lease.incarnation()));
    assertThat(again.held()).isEmpty();
  }

  @Test
  void scratchFilesAreRemovedWhenTheirWorkEndsHoweverItEnds() throws Exception {
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(lease, Map.of("good", new TestWorkload.Scribbles(false)));
    run(lease, Map.of("bad", new TestWorkload.Scribbles(true)));

    String good = end("good").result().json().replace("\"", "");
    assertThat(Path.of(good)).isAbsolute().doesNotExist();
    assertThat(Path.of(good).getParent()).as("the worker's").exists();
    assertThat(Path.of(end("bad").error().message())).isAbsolute().doesNotExist();
  }

  @Test
  void aDrainGivesBackWhatIsNotBegunAndLeaves() throws Exception {
    WorkerNode node = worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(lease, Map.of("waits", new TestWorkload.Waits("door")));
    TestWorkload.door("door-begun").await();
    run(lease, Map.of("queued", new TestWorkload.Square(1)));
    coordinator.expectFromWorker(FromWorker.Heartbeat.class, beat -> !beat.leaseIds().isEmpty());

    var left = node.drain().toCompletableFuture();

    coordinator.expectFromWorker(FromWorker.Draining.class, m -> true);
    assertThat(coordinator.expect(ToJob.TasksReturned.class).keys()).containsExactly("queued");
    TestWorkload.door("door").countDown();
    assertThat(end("waits").error()).isNull();
    left.get(20, TimeUnit.SECONDS);
    coordinator.expectFromWorker(FromWorker.Goodbye.class, m -> true);
  }

  @Test
  void aUsersDrainWaitsForWhatRunsAndEndsTheProcess() throws Exception {
    WorkerNode node = worker("worker-1", "troupe.worker.drain-timeout = 1ms");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    run(lease, Map.of("waits", new TestWorkload.Waits("door")));
    TestWorkload.door("door-begun").await();

    lease.worker().tell(new FromCoordinator.Drain());

    coordinator.expectFromWorker(FromWorker.Draining.class, m -> true);
    coordinator.forgetReceived();
    coordinator.expectFromWorker(FromWorker.Heartbeat.class, beat -> !beat.leaseIds().isEmpty());
    TestWorkload.door("door").countDown();
    assertThat(end("waits").error()).isNull();
    node.awaitTermination();
    coordinator.expectFromWorker(FromWorker.Goodbye.class, m -> true);
  }

  @Test
  void aWorkerThatIsRefusedEndsAndSaysWhy() {
    coordinator.refuse("its token is not the coordinator's");
    WorkerNode node = worker("worker-1");

    assertThatThrownBy(node::awaitTermination)
        .isInstanceOfSatisfying(NodeException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessage(
            "troupe.security.token-file: 127.0.0.1:%d refuses this worker: its token is not the coordinator's. Give it the file that the coordinators have",
            coordinator.port());
    nodes.remove(node);
  }

  @Test
  void aWorkerThatWasLetInBeforeGoesOnWhenItIsRefused() throws Exception {
    worker("worker-1");
    Lease lease = coordinator.lease("job-1", Lease.Kind.TASKS, "worker-1");
    lease.worker().tell(new FromCoordinator.Refused(lease.incarnation(), "a new token"));
    run(lease, Map.of("square", new TestWorkload.Square(12)));

    assertThat(end("square").error()).isNull();
  }

  @Test
  void aDriverSubmitsAgainForAnEntityThatForgot() throws Exception {
    worker("worker-1");
    MiniJob job = new MiniJob(coordinator, "job-1", "worker-1");
    coordinator.onJobMessage((worker, message) -> {}); // an entity that forgets at once
    job.startDriver("worker-1", "sum", 50);
    coordinator.expect(ToJob.SubmitTasks.class);

    job.listen();
    job.tellDriver("sum", 50);

    ToJob.DriverEnded ended = coordinator.expect(ToJob.DriverEnded.class);
    assertThat(ended.result().json()).isEqualTo("{\"sum\":40425}");
    assertThat(coordinator.all(ToJob.DriverStarted.class)).hasSize(2);
  }

  @Test
  void aDriverGoesOnWithWhateverIsDoneFirst() throws Exception {
    worker("worker-1");
    new MiniJob(coordinator, "job-1", "worker-1").startDriver("worker-1", "any", 1);

    ToJob.DriverEnded ended = coordinator.expect(ToJob.DriverEnded.class);
    assertThat(ended.error()).isNull();
    assertThat(ended.result().json()).contains("\"first\":\"quick\"", "through any");
  }

  @Test
  void aTasksErrorFailsTheDriverWithTheTasksStack() throws Exception {
    worker("worker-1");
    new MiniJob(coordinator, "job-1", "worker-1").startDriver("worker-1", "task-error", 1);

    ToJob.DriverEnded ended = coordinator.expect(ToJob.DriverEnded.class);

    assertThat(ended.error().message()).isEqualTo("fails: no luck");
    assertThat(ended.error().stack()).contains("TestWorkload$Fails.run");
  }

  @Test
  void badInputFailsTheDriverWithItsMessageAlone() throws Exception {
    worker("worker-1");
    new MiniJob(coordinator, "job-1", "worker-1").startDriver("worker-1", "bad-input", 1);

    ToJob.DriverEnded ended = coordinator.expect(ToJob.DriverEnded.class);

    assertThat(ended.error().message()).isEqualTo("reads: rows.jsonl, line 3: is not JSON");
    assertThat(ended.error().stack()).isEmpty();
  }

  @Test
  void logLinesArriveInOrderAheadOfTheEnd() throws Exception {
    worker("worker-1");
    new MiniJob(coordinator, "job-1", "worker-1").startDriver("worker-1", "log", 2_000);
    coordinator.expect(ToJob.DriverEnded.class);

    List<ToJob> all = coordinator.all(ToJob.class);
    StringBuilder text = new StringBuilder();
    all.subList(0, all.size() - 1).stream()
        .filter(ToJob.LogLines.class::isInstance)
        .forEach(lines -> text.append(((ToJob.LogLines) lines).text()));
    assertThat(all.get(all.size() - 1)).isInstanceOf(ToJob.DriverEnded.class);
    List<String> lines = text.toString().lines().toList();
    assertThat(lines).hasSize(2_000);
    for (int i = 0; i < 2_000; i++) {
      assertThat(lines.get(i)).endsWith("INFO  line " + i);
    }
  }

  @Test
  void optionsAreCheckedByTheWorkload() throws Exception {
    worker("worker-1");
    var ref = coordinator.worker("worker-1").ref();

    ref.tell(new FromCoordinator.CheckOptions("r1", "test", "{\"what\":\"bad\"}"));
    ref.tell(new FromCoordinator.CheckOptions("r2", "test", "{\"count\":0}"));
    ref.tell(new FromCoordinator.CheckOptions("r3", "test", "{}"));

    assertThat(checked("r1")).extracting(FromWorker.FieldError::field).containsExactly("what");
    assertThat(checked("r2")).extracting(FromWorker.FieldError::field).containsExactly("count");
    assertThat(checked("r3")).isEmpty();
  }

  private List<FromWorker.FieldError> checked(String request) throws InterruptedException {
    return coordinator
        .expectFromWorker(FromWorker.OptionsChecked.class, c -> c.requestId().equals(request))
        .violations();
  }

  private void run(Lease lease, Map<String, Task<?>> tasks) {
    List<TaskRun> runs = new ArrayList<>();
    tasks.forEach(
        (key, task) ->
            runs.add(
                new TaskRun(
                    new ToJob.TaskSpec(
                        key, task.getClass().getName(), Payload.inline(Json.write(task)), "x"),
                    1)));
    lease.worker().tell(new FromCoordinator.RunTasks(lease, "test", runs));
  }

  private ToJob.TaskEnd end(String key) throws InterruptedException {
    return coordinator
        .expect(
            ToJob.TasksEnded.class,
            ended -> ended.ends().stream().anyMatch(e -> e.key().equals(key)))
        .ends()
        .stream()
        .filter(e -> e.key().equals(key))
        .findFirst()
        .orElseThrow();
  }
}
