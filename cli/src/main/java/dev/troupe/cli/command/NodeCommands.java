package dev.troupe.cli.command;

import dev.troupe.cli.internal.CliException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * A node of a real cluster. {@code bin/troupe} starts it in its own process's place, so that what
 * is here serves help and completion only.
 */
@SuppressWarnings("UnusedVariable") // Help and completion read the options.
public abstract class NodeCommands implements Callable<Integer> {

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The node's configuration; conf/ in the distribution has examples.")
  private Path config;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Overrides a key, as in troupe.worker.slots=2.")
  private List<String> set = new ArrayList<>();

  @Option(
      names = "--ready-file",
      paramLabel = "FILE",
      description = "Write ports and process id here, as JSON, when the node serves.")
  private Path readyFile;

  @Override
  public Integer call() {
    throw CliException.invalid("nodes are started through bin/troupe");
  }

  /** {@code troupe coordinator}. */
  @Command(name = "coordinator", description = "Run a coordinator node.")
  public static final class Coordinator extends NodeCommands {}

  /** {@code troupe worker}. */
  @Command(name = "worker", description = "Run a worker node.")
  public static final class Worker extends NodeCommands {}
}
