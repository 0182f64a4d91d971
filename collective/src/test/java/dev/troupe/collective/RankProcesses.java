package dev.troupe.collective;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A gang of {@link RankProcess}es. */
final class RankProcesses implements AutoCloseable {
  private static final long LIMIT_SECONDS = 60;

  private final List<Process> processes = new ArrayList<>();
  private final List<BufferedReader> outputs = new ArrayList<>();

  /**
   * @param prefixes for each rank what its command begins with: nothing, or how to enter a
   *     namespace
   * @param hosts the address of each rank
   */
  RankProcesses(
      List<List<String>> prefixes,
      List<String> hosts,
      int bytes,
      long operations,
      Transport transport,
      long stallMillis) {
    StringBuilder peers = new StringBuilder();
    for (int rank = 0; rank < hosts.size(); rank++) {
      List<String> command = new ArrayList<>(prefixes.get(rank));
      command.addAll(
          List.of(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Xmx128m",
              "-XX:+UseSerialGC",
              "-cp",
              System.getProperty("java.class.path"),
              RankProcess.class.getName(),
              String.valueOf(rank),
              String.valueOf(bytes),
              String.valueOf(operations),
              transport.name(),
              String.valueOf(stallMillis),
              hosts.get(rank)));
      try {
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process = builder.start();
        processes.add(process);
        outputs.add(process.inputReader(StandardCharsets.UTF_8));
      } catch (IOException e) {
        close();
        throw new UncheckedIOException(e);
      }
    }
    for (int rank = 0; rank < hosts.size(); rank++) {
      String port = line(rank).replace("port ", "");
      peers.append(rank == 0 ? "" : " ").append(hosts.get(rank)).append(':').append(port);
    }
    for (Process process : processes) {
      try (var in = process.outputWriter(StandardCharsets.UTF_8)) {
        in.write(peers + "\n");
      } catch (IOException e) {
        close();
        throw new UncheckedIOException(e);
      }
    }
  }

  static RankProcesses local(
      int size, int bytes, long operations, Transport transport, long stallMillis) {
    List<List<String>> prefixes = new ArrayList<>();
    List<String> hosts = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      prefixes.add(List.of());
      hosts.add("127.0.0.1");
    }
    return new RankProcesses(prefixes, hosts, bytes, operations, transport, stallMillis);
  }

  /** The next line that a rank prints. */
  String line(int rank) {
    var line =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return String.valueOf(outputs.get(rank).readLine());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try {
      return line.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | InterruptedException | ExecutionException e) {
      close();
      throw new IllegalStateException("rank " + rank + " printed nothing", e);
    }
  }

  /** Sends a signal by its name. */
  void signal(int rank, String signal) {
    try {
      String pid = String.valueOf(processes.get(rank).pid());
      int status = new ProcessBuilder("kill", "-" + signal, pid).start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + signal + " " + pid + ": status " + status);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroyForcibly);
  }
}
