package dev.troupe.cli.local;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The unpacked distribution that the command was started from.
 *
 * @param home the folder with {@code bin}, {@code lib} and {@code workloads}
 */
public record Installation(Path home) {

  /** What a node is. */
  public enum Role {
    COORDINATOR("dev.troupe.dist.CoordinatorMain", "-Xmx512m", "-XX:MaxDirectMemorySize=512m"),
    /** Parameters, gradients and moments lie outside the heap. */
    WORKER("dev.troupe.dist.WorkerMain", "-Xmx2g", "-XX:MaxDirectMemorySize=16g");

    private final String mainClass;
    private final String heap;
    private final String directMemory;

    Role(String mainClass, String heap, String directMemory) {
      this.mainClass = mainClass;
      this.heap = heap;
      this.directMemory = directMemory;
    }

    /** {@code coordinator}, {@code worker}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+ExitOnOutOfMemoryError",
          "-Xshare:auto",
          "-Dfile.encoding=UTF-8",
          "-Dai.djl.offline=true");

  /**
   * Makes a child deaf to Ctrl-C, which goes to all processes of a terminal: its parent decides.
   */
  private static final String DEAF_TO_INTERRUPTS = "trap '' INT; exec \"$@\"";

  /** Reads a file of settings before that, as {@code bin/troupe} does. */
  private static final String WITH_ENVIRONMENT = ". \"$1\"; shift; ";

  /** As {@code bin/troupe} says. */
  public static Installation find() {
    String home = System.getProperty("troupe.home", "");
    Path path = Path.of(home).toAbsolutePath();
    if (home.isEmpty() || !Files.isDirectory(path.resolve("lib/node"))) {
      throw new CliException(
          ExitCode.FAILED,
          "cannot find the distribution's lib/node (troupe.home is '"
              + home
              + "'); start the command through bin/troupe");
    }
    return new Installation(path);
  }

  /** Where jars of workloads lie that every local worker reads. */
  public Path workloads() {
    return home.resolve("workloads");
  }

  /**
   * The command line of a node.
   *
   * @param arguments of its main class
   * @param io whose {@code TROUPE_WORKER_JAVA_OPTS} or {@code TROUPE_COORDINATOR_JAVA_OPTS} add to
   *     the JVM's options
   */
  public List<String> nodeCommand(Role role, List<String> arguments, Io io) {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c"));
    if (role == Role.WORKER) {
      command.add(WITH_ENVIRONMENT + DEAF_TO_INTERRUPTS);
      command.addAll(List.of("troupe", home.resolve("conf/worker-env.sh").toString()));
    } else {
      command.addAll(List.of(DEAF_TO_INTERRUPTS, "troupe"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add(role.heap);
    command.add(role.directMemory);
    command.addAll(JVM_OPTIONS);
    String more = io.env("TROUPE_" + role.name() + "_JAVA_OPTS").strip();
    if (!more.isEmpty()) {
      command.addAll(List.of(more.split("\\s+", -1)));
    }
    command.add("-cp");
    command.add(home.resolve("lib/troupe") + "/*:" + home.resolve("lib/node") + "/*");
    command.add(role.mainClass);
    command.addAll(arguments);
    return command;
  }
}
