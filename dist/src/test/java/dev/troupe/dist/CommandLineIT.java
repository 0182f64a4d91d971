package dev.troupe.dist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.troupe.dist.Shell.Ended;
import dev.troupe.dist.Shell.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line against real clusters on this machine. */
class CommandLineIT {

  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir private Path folder;
  private Shell shell;
  private final List<Running> clusters = new ArrayList<>();

  @BeforeEach
  void prepare() {
    shell = new Shell(folder);
  }

  @AfterEach
  void endAll() {
    clusters.forEach(cluster -> cluster.process().destroyForcibly());
  }

  @Test
  void aClusterThatStaysUpRunsJobsAndKeepsThemForTheNextTime() throws Exception {
    Running cluster = up();
    Ended pi = shell.run("run", "pi", "--id", "first", "--set", "tasks=4", "-o", "json");
    assertThat(pi.code()).as(pi.err()).isZero();
    assertThat(json(pi).path("pi").asDouble()).isBetween(3.1, 3.2);

    assertThat(shell.run("run", "pi", "--id", "first", "--set", "tasks=4").code()).isZero();
    assertThat(shell.run("run", "pi", "--id", "first", "--set", "tasks=5").code()).isEqualTo(2);
    assertThat(shell.run("jobs", "-o", "name").out()).isEqualTo("first\n");
    assertThat(json(shell.run("describe", "first", "-o", "json")).at("/tasks/succeeded").asInt())
        .isEqualTo(4);
    assertThat(shell.run("logs", "-f", "first").out()).contains("pi is about 3.1");
    assertThat(shell.run("result", "first").out()).contains("pi").contains("points");
    assertThat(shell.run("artifacts", "first", "-o", "name").code()).isZero();
    assertThat(shell.run("workloads", "pi").out()).contains("samplesPerTask").contains("1000000");

    Ended invalid = shell.run("submit", "pi", "--set", "task=4", "--set", "seed=x");
    assertThat(invalid.code()).isEqualTo(2);
    assertThat(invalid.err()).contains("task: ").contains("tasks").contains("seed: x");
    assertThat(shell.run("describe", "none").code()).isEqualTo(3);

    Ended input = shell.run("run", "sweep", "--id", "nothing", "--set", "rates=");
    assertThat(input.code()).isEqualTo(1);
    assertThat(input.err())
        .endsWith("Job nothing failed: rates, momenta: none (expected: at least one of each)\n");
    assertThat(shell.run("workers", "-o", "wide").out()).contains("0.1.0");

    assertThat(shell.run("drain", "worker-2", "-o", "name").code()).isZero();
    await().atMost(LIMIT).until(() -> states().size() == 1);
    await().atMost(LIMIT).until(() -> cluster.err().contains("worker-2 has left."));

    cluster.signal("INT");
    assertThat(cluster.end().code()).isEqualTo(130);
    assertThat(shell.run("jobs", "--address", cluster.out().strip()).code()).isEqualTo(4);

    up();
    assertThat(shell.run("result", "first", "-o", "json").out()).isEqualTo(pi.out());
  }

  @Test
  void interruptsCancelARunAndOnlyLeaveAWatch() throws Exception {
    up();
    Running run =
        shell.start(
            "run", "pi", "--id", "long", "--set", "tasks=5000", "--set", "samplesPerTask=20000000");
    await().atMost(LIMIT).until(() -> run.err().contains("tasks"));

    Running watch = shell.start("watch", "long");
    await().atMost(LIMIT).until(() -> watch.err().contains("tasks"));
    watch.signal("INT");
    assertThat(watch.end().code()).isEqualTo(130);
    assertThat(state("long")).isEqualTo("running");

    run.signal("INT");
    Ended ended = run.end();
    assertThat(ended.code()).as(ended.err()).isEqualTo(130);
    assertThat(state("long")).isEqualTo("cancelled");
  }

  @Test
  void anInterruptOnlyLeavesTheLogsAndASecondLeavesARunAtOnce() throws Exception {
    up();
    Ended submitted = shell.run("submit", "sweep", "--id", "logged", "--set", "steps=50000000");
    assertThat(submitted.code()).as(submitted.err()).isZero();
    Running logs = shell.start("logs", "-f", "logged");
    await().atMost(LIMIT).until(() -> logs.out().contains("round 0"));
    logs.signal("INT");
    assertThat(logs.end().code()).isEqualTo(130);
    assertThat(state("logged")).isIn("running", "succeeded");

    Running run = shell.start("run", "pi", "--id", "left", "--set", "tasks=5000");
    await().atMost(LIMIT).until(() -> run.err().contains("tasks"));
    // A coordinator that does not answer is what a user in a hurry wants to leave.
    signal("STOP", pid("coordinator"));
    run.signal("INT");
    await().atMost(LIMIT).until(() -> run.err().contains("Ctrl-C again leaves at once"));
    run.signal("INT");
    assertThat(run.process().waitFor(5, TimeUnit.SECONDS)).as("left").isTrue();
    assertThat(run.end().code()).isEqualTo(130);
    signal("CONT", pid("coordinator"));
    assertThat(shell.run("jobs", "-o", "name").out()).contains("left");
  }

  @Test
  void aNodeThatIsKilledComesBackAndAKilledCommandLeavesNothing() throws Exception {
    Running cluster = up();
    long first = pid("worker-1");
    ProcessHandle.of(first).orElseThrow().destroyForcibly();
    await().atMost(LIMIT).until(() -> pid("worker-1") != first);
    await().atMost(LIMIT).until(() -> states().equals(List.of("active", "active")));

    List<Long> nodes = List.of(pid("coordinator"), pid("worker-1"), pid("worker-2"));
    cluster.signal("KILL");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> nodes.stream().noneMatch(CommandLineIT::alive));
  }

  @Test
  void anAddressThatNobodyKnowsIsOneLine() throws Exception {
    Ended ended = shell.run("jobs", "--address", "no-such-host.invalid:7070");
    assertThat(ended.code()).isEqualTo(4);
    assertThat(ended.err().lines())
        .singleElement()
        .asString()
        .startsWith("error: cannot reach a coordinator at no-such-host.invalid:7070 (");
  }

  @Test
  void aThrowAwayClusterRunsOneJobAndIsGone() throws Exception {
    Ended pi = shell.run("run", "pi", "--local", "1", "--set", "tasks=2", "-o", "json");
    assertThat(pi.code()).as(pi.err()).isZero();
    assertThat(json(pi).path("pi").asDouble()).isBetween(3.1, 3.2);
    Path logs = Path.of(pi.err().replaceAll("(?s).*\\(logs: ([^)]*)\\).*", "$1"));
    assertThat(logs.getParent()).doesNotExist();
  }

  private Running up() throws IOException {
    Running cluster = shell.start("up", "--workers", "2", "--port", "0", "--dir", "state");
    clusters.add(cluster);
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              assertThat(cluster.process().isAlive()).as(cluster.err()).isTrue();
              return cluster.err().contains("Ctrl-C stops it");
            });
    return cluster;
  }

  private List<String> states() throws IOException, InterruptedException {
    List<String> states = new ArrayList<>();
    json(shell.run("workers", "-o", "json")).forEach(w -> states.add(w.path("state").asText()));
    return states;
  }

  private String state(String job) throws IOException, InterruptedException {
    return json(shell.run("describe", job, "-o", "json")).path("state").asText();
  }

  /** Of a node, by its newest ready file; 0 while it has none. */
  private long pid(String node) throws IOException {
    Path file = folder.resolve("state").resolve("run").resolve(node + ".json");
    return Files.exists(file) ? new ObjectMapper().readTree(file.toFile()).path("pid").asLong() : 0;
  }

  private static void signal(String name, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  private static JsonNode json(Ended ended) throws IOException {
    return new ObjectMapper().readTree(ended.out());
  }
}
