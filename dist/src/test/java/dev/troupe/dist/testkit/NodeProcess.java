package dev.troupe.dist.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** A coordinator or worker as a process of its own, to be stopped, killed and frozen. */
public final class NodeProcess {

  private static final Duration READY_LIMIT = Duration.ofSeconds(60);

  private final String name;
  private final Path log;
  private final Path readyFile;
  private final Process process;

  private NodeProcess(String name, Path log, Path readyFile, Process process) {
    this.name = name;
    this.log = log;
    this.readyFile = readyFile;
    this.process = process;
  }

  /**
   * Starts {@code mainClass} with this test's class path; its output is added to {@code
   * directory/name.log}.
   */
  static NodeProcess start(String name, String mainClass, List<String> settings, Path directory) {
    return start(List.of(), name, mainClass, settings, directory);
  }

  /**
   * The same on another host.
   *
   * @param prefix how to enter it: what stands before the command
   */
  static NodeProcess start(
      List<String> prefix, String name, String mainClass, List<String> settings, Path directory) {
    Path log = directory.resolve(name + ".log");
    Path readyFile = directory.resolve(name + ".ready");
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dai.djl.offline=true"));
    command.addAll(List.of("-cp", classPath(), mainClass));
    settings.forEach(setting -> command.addAll(List.of("--set", setting)));
    command.addAll(List.of("--ready-file", readyFile.toString()));
    command.addAll(List.of("--parent-pid", Long.toString(ProcessHandle.current().pid())));
    try {
      Files.deleteIfExists(readyFile);
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      return new NodeProcess(name, log, readyFile, process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Failsafe starts its JVM with a class path that is only a manifest, and tells the real one by
   * this property.
   */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What the node says of itself once it is ready. */
  JsonNode awaitReady() {
    Awaitility.await(name + " to be ready")
        .atMost(READY_LIMIT)
        .until(() -> Files.exists(readyFile) || !process.isAlive());
    if (!Files.exists(readyFile)) {
      throw new AssertionError(
          name + " ended with " + process.exitValue() + " before it was ready:\n" + log());
    }
    try {
      return new ObjectMapper().readTree(readyFile.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that it has printed. */
  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until it has printed that. */
  public void awaitLog(String text) {
    Awaitility.await(name + " to log '" + text + "'")
        .atMost(READY_LIMIT)
        .untilAsserted(() -> assertThat(log()).contains(text));
  }

  /** SIGKILL. */
  public void kill() {
    process.destroyForcibly();
    awaitExit(Duration.ofSeconds(10));
  }

  /** SIGTERM. */
  public void terminate() {
    process.destroy();
  }

  /** SIGSTOP: the process is there and does nothing. */
  public void freeze() {
    signal("STOP");
  }

  /** SIGCONT. */
  public void thaw() {
    signal("CONT");
  }

  /** Waits for its end, and returns its exit code. */
  public int awaitExit(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " is still there after " + limit + ":\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  private void signal(String signal) {
    try {
      int code =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      if (code != 0) {
        throw new AssertionError("kill -" + signal + " " + name + " ended with " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
