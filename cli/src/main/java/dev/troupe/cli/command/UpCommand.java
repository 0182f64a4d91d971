package dev.troupe.cli.command;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.ContextFile;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.local.LocalCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Keeps a cluster on this machine until Ctrl-C. */
@Command(
    name = "up",
    description = "Keep a cluster on this machine until Ctrl-C; its jobs are there the next time.")
public final class UpCommand implements Callable<Integer> {

  private static final int USUAL_PORT = 7070;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Worker processes (default: ${DEFAULT-VALUE}).")
  private int workers;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "The coordinator's port, 0 for any (default: 7070, or any if that is taken).")
  private Integer port;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".troupe",
      description = "Where jobs, results and logs are kept (default: ${DEFAULT-VALUE}).")
  private Path directory;

  private final Io io;

  public UpCommand(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    LocalCluster.Options options =
        new LocalCluster.Options(io.directory().resolve(directory), true, workers, choosePort());
    CountDownLatch interrupted = new CountDownLatch(1);
    try (LocalCluster cluster = LocalCluster.start(io, options)) {
      io.signals().onInterrupt(() -> leave(interrupted));
      ContextFile context = ContextFile.of(io);
      context.write(cluster.address());
      announce(cluster, context);
      interrupted.await();
      io.message("Stopping; jobs that are not done go on at the next 'troupe up'.");
      context.forget(cluster.address());
    }
    return ExitCode.INTERRUPTED;
  }

  private void leave(CountDownLatch interrupted) {
    if (interrupted.getCount() == 0) {
      io.signals().exit(ExitCode.INTERRUPTED);
    }
    interrupted.countDown();
  }

  private int choosePort() {
    if (port != null && (port < 0 || port > 65_535)) {
      throw CliException.invalid("--port: " + port + " (expected: 0 to 65535)");
    }
    int wanted = port == null ? USUAL_PORT : port;
    if (wanted == 0 || free(wanted)) {
      return wanted;
    }
    if (port != null) {
      throw new CliException(
          ExitCode.FAILED,
          "--port: " + port + " is taken by another process (expected: a free port, or 0 for any)");
    }
    io.message("Port " + USUAL_PORT + " is taken; using another.");
    return 0;
  }

  private static boolean free(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void announce(LocalCluster cluster, ContextFile context) {
    io.out().println(cluster.address());
    io.out().flush();
    io.message(
        """

        The cluster listens at %s and keeps its state in %s.
        It is the one meant in any terminal (%s), so try there:

          troupe workloads                 what can be run
          troupe run pi                    a first job
          troupe workers                   who is there
          troupe jobs                      what has run

        From elsewhere on this machine: TROUPE_ADDRESS=%s troupe jobs
        Ctrl-C stops it."""
            .formatted(cluster.address(), cluster.directory(), context.path(), cluster.address()));
  }
}
