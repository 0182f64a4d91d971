package dev.troupe.cli.local;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Format;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.local.Installation.Role;
import dev.troupe.proto.v1.ListWorkersRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A coordinator and workers on this machine, as child processes that end when this one does,
 * however it ends: on {@link #close}, at its shutdown, and, since each child watches its parent,
 * after a {@code kill -9} too. A node that dies is started again under the same name.
 */
public final class LocalCluster implements AutoCloseable {

  /**
   * What to start.
   *
   * @param directory keeps the journal, the store and the nodes' logs
   * @param keep whether the directory stays; if not, the nodes are not given time to tidy up
   * @param workers how many
   * @param grpcPort of the coordinator; 0 for any
   */
  public record Options(Path directory, boolean keep, int workers, int grpcPort) {

    public Options {
      if (workers < 1 || workers > 256) {
        throw CliException.invalid("--workers: " + workers + " (expected: 1 to 256)");
      }
    }
  }

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final Duration REGISTER_POLL = Duration.ofMillis(50);
  private static final Duration CALL_LIMIT = Duration.ofSeconds(5);
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final Installation installation;
  private final Io io;
  private final Options options;
  private final StateDirectory directory;
  private final List<SupervisedNode> workers = new ArrayList<>();
  private final Thread shutdownHook = new Thread(this::closeNodes, "troupe-local-shutdown");

  private SupervisedNode coordinator;
  private Supervisor supervisor;
  private String address = "";
  private int coordinatorPort;
  private boolean closed;

  private LocalCluster(Installation installation, Io io, Options options) {
    this.installation = installation;
    this.io = io;
    this.options = options;
    this.directory = StateDirectory.lock(options.directory());
  }

  /**
   * Starts the cluster and waits until all workers have registered.
   *
   * @throws CliException with the end of its log, if a node dies
   */
  public static LocalCluster start(Io io, Options options) {
    LocalCluster cluster = new LocalCluster(Installation.find(), io, options);
    Runtime.getRuntime().addShutdownHook(cluster.shutdownHook);
    try {
      cluster.startNodes();
      return cluster;
    } catch (InterruptedException e) {
      cluster.close();
      Thread.currentThread().interrupt();
      throw new CliException(ExitCode.INTERRUPTED, "interrupted", e);
    } catch (RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  /** {@code host:port} of the front door. */
  public String address() {
    return address;
  }

  public Path directory() {
    return directory.path();
  }

  private void startNodes() throws InterruptedException {
    long began = System.nanoTime();
    startCoordinator();
    for (int i = 1; i <= options.workers(); i++) {
      workers.add(startWorker("worker-" + i));
    }
    Set<String> problems = new LinkedHashSet<>();
    for (SupervisedNode worker : workers) {
      if (worker.process().awaitReady(START_LIMIT).get("problems") instanceof List<?> list) {
        list.forEach(problem -> problems.add(String.valueOf(problem)));
      }
    }
    problems.forEach(problem -> io.message(io.errStyle().yellow("warning: ") + problem));
    awaitRegistered();
    List<SupervisedNode> all = new ArrayList<>(workers);
    all.add(coordinator);
    supervisor = new Supervisor(all, io::message);
    supervisor.start();
    io.message(
        "A coordinator and "
            + options.workers()
            + (options.workers() == 1 ? " worker" : " workers")
            + " are up after "
            + Format.duration(Duration.ofNanos(System.nanoTime() - began))
            + " (logs: "
            + directory.logs()
            + ").");
  }

  private void startCoordinator() throws InterruptedException {
    SupervisedNode first =
        node(Role.COORDINATOR, "coordinator", coordinatorSettings(options.grpcPort(), 0));
    coordinator = first;
    Map<String, Object> ports = first.process().awaitReady(START_LIMIT);
    int grpcPort = port(ports, "grpcPort");
    int controlPort = port(ports, "controlPort");
    address = "127.0.0.1:" + grpcPort;
    // A coordinator that is started again must be found where it was.
    first.restartWith(
        command(Role.COORDINATOR, "coordinator", coordinatorSettings(grpcPort, controlPort)));
    coordinatorPort = controlPort;
  }

  private List<String> coordinatorSettings(int grpcPort, int controlPort) {
    return List.of(
        "troupe.coordinator.grpc-port=" + grpcPort,
        "troupe.control-port=" + controlPort,
        "troupe.store.directory=" + directory.store(),
        "troupe.coordinator.journal.h2.file=" + directory.journal());
  }

  private SupervisedNode startWorker(String id) {
    return node(
        Role.WORKER,
        id,
        List.of(
            "troupe.worker.id=" + id,
            "troupe.coordinators=127.0.0.1:" + coordinatorPort,
            "troupe.store.directory=" + directory.store(),
            "troupe.worker.workloads=" + installation.workloads()));
  }

  private SupervisedNode node(Role role, String name, List<String> settings) {
    return SupervisedNode.start(
        name, command(role, name, settings), directory.log(name), directory.readyFile(name));
  }

  private List<String> command(Role role, String name, List<String> settings) {
    List<String> arguments = new ArrayList<>();
    for (String setting : settings) {
      arguments.add("--set");
      arguments.add(setting);
    }
    arguments.add("--ready-file");
    arguments.add(directory.readyFile(name).toString());
    arguments.add("--parent-pid");
    arguments.add(Long.toString(ProcessHandle.current().pid()));
    return installation.nodeCommand(role, arguments, io);
  }

  private void awaitRegistered() throws InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT.toNanos();
    try (Client client = Client.connect(address, null, "", CALL_LIMIT)) {
      while (active(client) < options.workers()) {
        for (SupervisedNode worker : workers) {
          worker.requireAlive();
        }
        coordinator.requireAlive();
        if (System.nanoTime() > deadline) {
          throw new CliException(
              ExitCode.FAILED,
              "the workers did not all register with the coordinator within "
                  + START_LIMIT.toSeconds()
                  + " s (logs: "
                  + directory.logs()
                  + ")");
        }
        Thread.sleep(REGISTER_POLL.toMillis());
      }
    }
  }

  private static long active(Client client) {
    try {
      return client
          .cluster()
          .listWorkers(ListWorkersRequest.newBuilder().setPageSize(1000).build())
          .getWorkersList()
          .stream()
          .filter(w -> w.getState().equals("active"))
          .count();
    } catch (StatusRuntimeException e) {
      return 0; // Not serving yet; whoever waits has a deadline.
    }
  }

  /** Ends all nodes; removes the directory unless it is to be kept. */
  @Override
  public void close() {
    closeNodes();
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook is what runs.
      return;
    }
  }

  private synchronized void closeNodes() {
    if (closed) {
      return;
    }
    closed = true;
    if (supervisor != null) {
      supervisor.stop();
    }
    Duration grace = options.keep() ? GRACE : Duration.ZERO;
    workers.forEach(node -> node.process().terminate());
    workers.forEach(node -> node.process().endWithin(grace));
    if (coordinator != null) {
      coordinator.process().terminate();
      coordinator.process().endWithin(grace);
    }
    directory.release(options.keep());
  }

  private static int port(Map<String, Object> ports, String name) {
    if (ports.get(name) instanceof Integer port) {
      return port;
    }
    throw new CliException(
        ExitCode.FAILED, "the coordinator's ready file names no " + name + ": " + ports);
  }
}
