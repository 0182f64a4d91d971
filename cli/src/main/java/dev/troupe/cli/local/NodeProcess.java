package dev.troupe.cli.local;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Json;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A node as a child process: its log, and the file by which it says that it is ready. */
final class NodeProcess {

  private static final int TAIL_BYTES = 8192;
  private static final int TAIL_LINES = 20;
  private static final Duration POLL = Duration.ofMillis(20);

  private final String name;
  private final Path log;
  private final Path readyFile;
  private final Process process;
  private final long startedNanos = System.nanoTime();

  private NodeProcess(String name, Path log, Path readyFile, Process process) {
    this.name = name;
    this.log = log;
    this.readyFile = readyFile;
    this.process = process;
  }

  /** Starts the process; its output is added to {@code log}. */
  static NodeProcess start(String name, List<String> command, Path log, Path readyFile) {
    try {
      Files.createDirectories(log.getParent());
      Files.createDirectories(readyFile.getParent());
      Files.deleteIfExists(readyFile);
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      return new NodeProcess(name, log, readyFile, process);
    } catch (IOException e) {
      throw new CliException(ExitCode.FAILED, "cannot start " + name + ": " + e.getMessage(), e);
    }
  }

  String name() {
    return name;
  }

  Path log() {
    return log;
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  int exitCode() {
    return process.exitValue();
  }

  Duration age() {
    return Duration.ofNanos(System.nanoTime() - startedNanos);
  }

  /**
   * Waits until the node serves, and returns what it says of itself.
   *
   * @throws CliException with the end of its log, if it dies or is not ready by {@code limit}
   */
  Map<String, Object> awaitReady(Duration limit) throws InterruptedException {
    while (!Files.exists(readyFile)) {
      if (!process.isAlive()) {
        throw new CliException(
            ExitCode.FAILED,
            name + " ended with code " + process.exitValue() + " before it was ready:\n" + tail());
      }
      if (age().compareTo(limit) > 0) {
        throw new CliException(
            ExitCode.FAILED, name + " was not ready after " + limit.toSeconds() + " s:\n" + tail());
      }
      Thread.sleep(POLL.toMillis());
    }
    try {
      return Json.parseJsonObject(Files.readString(readyFile));
    } catch (IOException e) {
      throw new CliException(
          ExitCode.FAILED, "cannot read " + readyFile + " of " + name + ": " + e.getMessage(), e);
    }
  }

  /** The end of the node's log, and where the rest is. */
  String tail() {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(0, file.length() - TAIL_BYTES);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.seek(from);
      file.readFully(bytes);
      List<String> lines = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      List<String> last = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
      return "  " + String.join("\n  ", last) + "\n(log: " + log + ")";
    } catch (IOException e) {
      return "  (cannot read its log " + log + ": " + e.getMessage() + ")";
    }
  }

  /** Asks it to end. */
  void terminate() {
    process.destroy();
  }

  /** Ends it, if it has not ended after {@code grace}. */
  void endWithin(Duration grace) {
    try {
      if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        process.waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
