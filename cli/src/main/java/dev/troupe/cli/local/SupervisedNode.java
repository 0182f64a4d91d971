package dev.troupe.cli.local;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.ExitCode;
import java.nio.file.Path;
import java.util.List;

/** A node of the local cluster over all its processes: when one dies, the next takes its name. */
final class SupervisedNode {

  private final String name;
  private final Path log;
  private final Path readyFile;
  private volatile List<String> command;
  private volatile NodeProcess process;

  private SupervisedNode(String name, List<String> command, Path log, Path readyFile) {
    this.name = name;
    this.command = command;
    this.log = log;
    this.readyFile = readyFile;
    this.process = NodeProcess.start(name, command, log, readyFile);
  }

  static SupervisedNode start(String name, List<String> command, Path log, Path readyFile) {
    return new SupervisedNode(name, command, log, readyFile);
  }

  String name() {
    return name;
  }

  NodeProcess process() {
    return process;
  }

  /** The command line of its later processes. */
  void restartWith(List<String> next) {
    command = next;
  }

  void startAgain() {
    process = NodeProcess.start(name, command, log, readyFile);
  }

  void requireAlive() {
    if (!process.alive()) {
      throw new CliException(
          ExitCode.FAILED,
          name + " ended with code " + process.exitCode() + ":\n" + process.tail());
    }
  }
}
