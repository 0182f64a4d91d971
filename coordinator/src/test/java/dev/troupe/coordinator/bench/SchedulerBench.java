package dev.troupe.coordinator.bench;

import com.typesafe.config.ConfigFactory;
import dev.troupe.cluster.NodeConfig;
import dev.troupe.coordinator.CoordinatorNode;
import dev.troupe.proto.v1.ClusterServiceGrpc;
import dev.troupe.proto.v1.JobServiceGrpc;
import dev.troupe.proto.v1.JobSpec;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.SubmitJobRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * What many workers and jobs cost a coordinator: its share of a core and its heap while they are
 * idle, and how long a job takes from its submission to the start of its driver. The coordinator is
 * a process of its own with an H2 journal; the workers are simulated, all in this process, and
 * speak the real protocol over loopback. {@code bench/scheduler/run.sh} starts it.
 *
 * <p>System properties: {@code workers}, {@code jobs}, {@code seconds} (of each idle phase).
 */
public final class SchedulerBench {

  private static final int TASKS_PER_JOB = 10;

  private SchedulerBench() {}

  public static void main(String[] args) throws Exception {
    if (args.length == 1) {
      serve(Path.of(args[0]));
      return;
    }
    int workers = Integer.getInteger("workers", 1000);
    int jobs = Integer.getInteger("jobs", 100);
    int seconds = Integer.getInteger("seconds", 15);
    Path dir = Files.createTempDirectory("scheduler-bench");
    try (Coordinator coordinator = new Coordinator(dir);
        SimulatedWorkers simulated = new SimulatedWorkers(workers, coordinator.controlPort)) {
      run(coordinator, simulated, workers, jobs, seconds);
    }
  }

  private static void run(
      Coordinator coordinator, SimulatedWorkers simulated, int workers, int jobs, int seconds)
      throws IOException {
    long began = System.nanoTime();
    await("all workers are registered", () -> coordinator.listed() == workers);
    System.out.printf("%d workers registered in %.1f s%n", workers, since(began) / 1e3);
    idle(coordinator, seconds, workers + " idle workers, no job");

    double[] started = new double[jobs];
    double[] answered = new double[jobs];
    for (int i = 0; i < jobs; i++) {
      String id = "job-" + i;
      long at = System.nanoTime();
      coordinator.submit(id);
      answered[i] = since(at);
      started[i] = (simulated.awaitDriver(id) - at) / 1e6;
    }
    times("submit -> answer", answered);
    times("submit -> driver started", started);
    idle(coordinator, seconds, workers + " workers, " + jobs + " jobs with an idle driver");

    long at = System.nanoTime();
    simulated.submitTasks(TASKS_PER_JOB);
    await(
        "all tasks have reached a worker",
        () -> simulated.tasksStarted() == (long) jobs * TASKS_PER_JOB);
    System.out.printf(
        "%d jobs submit %d tasks each: all on a slot of their own or queued behind one in %.0f"
            + " ms%n",
        jobs, TASKS_PER_JOB, since(at));
  }

  private static void idle(Coordinator coordinator, int seconds, String what) throws IOException {
    coordinator.stats(); // collects garbage, which is not to count
    long[] before = coordinator.stats();
    long at = System.nanoTime();
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(seconds));
    double wall = since(at) / 1e3;
    long cpu = coordinator.cpuNanos() - before[0];
    System.out.printf(
        "%s: %.1f %% of a core, heap %.0f MiB after GC%n",
        what, cpu / 1e9 / wall * 100, coordinator.stats()[1] / 1048576.0);
  }

  private static void times(String what, double[] millis) {
    double[] sorted = millis.clone();
    Arrays.sort(sorted);
    System.out.printf(
        "%s: median %.1f ms, p99 %.1f ms, of %d%n",
        what,
        sorted[sorted.length / 2],
        sorted[(int) Math.ceil(sorted.length * 0.99) - 1],
        sorted.length);
  }

  private static double since(long nanos) {
    return (System.nanoTime() - nanos) / 1e6;
  }

  private static void await(String what, BooleanSupplier condition) {
    long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > until) {
        throw new IllegalStateException("not within 3 minutes: " + what);
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  /** The coordinator's process: tells its ports, then its CPU time and heap for each line read. */
  private static void serve(Path dir) throws IOException {
    CoordinatorNode node =
        CoordinatorNode.start(
            NodeConfig.of(
                ConfigFactory.parseString(
                    "troupe { store.directory = \""
                        + dir.resolve("store")
                        + "\", metrics-port = -1, coordinator { grpc-port = 0, journal.h2.file = \""
                        + dir.resolve("journal/troupe")
                        + "\" } }, pekko.loglevel = WARNING")));
    System.out.println("ports " + node.grpcPort() + " " + node.controlPort());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.equals("gc")) {
        System.gc();
      }
      long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
      System.out.println("stats " + cpuTime() + " " + heap);
    }
    node.stop();
  }

  private static long cpuTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }

  /** The coordinator's process as seen from here. */
  private static final class Coordinator implements AutoCloseable {

    final int controlPort;
    private final Process process;
    private final BufferedReader out;
    private final Writer in;
    private final ManagedChannel channel;

    Coordinator(Path dir) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx1g",
                  "-cp",
                  System.getProperty("java.class.path"),
                  SchedulerBench.class.getName(),
                  dir.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      out = process.inputReader(StandardCharsets.UTF_8);
      in = process.outputWriter(StandardCharsets.UTF_8);
      String[] ports = read("ports");
      controlPort = Integer.parseInt(ports[2]);
      channel =
          NettyChannelBuilder.forAddress("127.0.0.1", Integer.parseInt(ports[1]))
              .usePlaintext()
              .maxInboundMessageSize(64 << 20)
              .build();
    }

    private String[] read(String word) throws IOException {
      String line = out.readLine();
      while (line != null && !line.startsWith(word + " ")) {
        line = out.readLine();
      }
      if (line == null) {
        throw new IOException("the coordinator has ended");
      }
      return line.split(" ", -1);
    }

    /** CPU nanoseconds, and bytes of heap in use after a collection. */
    long[] stats() throws IOException {
      return ask("gc");
    }

    long cpuNanos() throws IOException {
      return ask("cpu")[0];
    }

    private long[] ask(String what) throws IOException {
      in.write(what + "\n");
      in.flush();
      String[] words = read("stats");
      return new long[] {Long.parseLong(words[1]), Long.parseLong(words[2])};
    }

    int listed() {
      int count = 0;
      String page = "";
      do {
        ListWorkersResponse workers =
            ClusterServiceGrpc.newBlockingStub(channel)
                .listWorkers(ListWorkersRequest.newBuilder().setPageToken(page).build());
        count += workers.getWorkersCount();
        page = workers.getNextPageToken();
      } while (!page.isEmpty());
      return count;
    }

    void submit(String id) {
      JobServiceGrpc.newBlockingStub(channel)
          .submitJob(
              SubmitJobRequest.newBuilder()
                  .setJobId(id)
                  .setSpec(JobSpec.newBuilder().setWorkload(SimulatedWorkers.WORKLOAD))
                  .build());
    }

    @Override
    public void close() {
      channel.shutdownNow();
      process.destroyForcibly();
    }
  }
}
