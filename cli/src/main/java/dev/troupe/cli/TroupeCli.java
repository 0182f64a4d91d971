package dev.troupe.cli;

import dev.troupe.cli.command.ArtifactsCommand;
import dev.troupe.cli.command.CancelCommand;
import dev.troupe.cli.command.CompletionCommand;
import dev.troupe.cli.command.DemoCommand;
import dev.troupe.cli.command.DescribeCommand;
import dev.troupe.cli.command.DrainCommand;
import dev.troupe.cli.command.JobsCommand;
import dev.troupe.cli.command.LogsCommand;
import dev.troupe.cli.command.NodeCommands;
import dev.troupe.cli.command.ResultCommand;
import dev.troupe.cli.command.RunCommand;
import dev.troupe.cli.command.SubmitCommand;
import dev.troupe.cli.command.UpCommand;
import dev.troupe.cli.command.WatchCommand;
import dev.troupe.cli.command.WorkersCommand;
import dev.troupe.cli.command.WorkloadsCommand;
import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.Misuse;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/** The {@code troupe} command. */
public final class TroupeCli {

  private static final Map<String, Function<Io, Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("demo", DemoCommand::new);
    COMMANDS.put("up", UpCommand::new);
    COMMANDS.put("run", RunCommand::new);
    COMMANDS.put("submit", SubmitCommand::new);
    COMMANDS.put("jobs", JobsCommand::new);
    COMMANDS.put("describe", DescribeCommand::new);
    COMMANDS.put("watch", WatchCommand::new);
    COMMANDS.put("logs", LogsCommand::new);
    COMMANDS.put("result", ResultCommand::new);
    COMMANDS.put("artifacts", ArtifactsCommand::new);
    COMMANDS.put("cancel", CancelCommand::new);
    COMMANDS.put("workers", WorkersCommand::new);
    COMMANDS.put("drain", DrainCommand::new);
    COMMANDS.put("workloads", WorkloadsCommand::new);
    COMMANDS.put("coordinator", io -> new NodeCommands.Coordinator());
    COMMANDS.put("worker", io -> new NodeCommands.Worker());
    COMMANDS.put("completion", CompletionCommand::new);
  }

  private TroupeCli() {}

  public static void main(String[] args) {
    LogManager.getLogManager().reset(); // what gRPC logs, a failed call says in fewer words
    Io io = Io.ofProcess();
    int code = run(io, args);
    System.exit(code);
  }

  /** Runs one command and returns its exit code; see {@link ExitCode}. */
  public static int run(Io io, String... args) {
    try {
      CommandLine line =
          args.length > 0 && COMMANDS.containsKey(args[0]) ? withOne(io, args[0]) : commandLine(io);
      return line.execute(args);
    } finally {
      io.out().flush();
      io.err().flush();
    }
  }

  /** The whole command, as completion and help need it. */
  public static CommandLine commandLine(Io io) {
    CommandLine line = new CommandLine(new Root());
    COMMANDS.forEach((name, command) -> line.addSubcommand(name, command.apply(io)));
    return configured(line, io);
  }

  /** With one command only: looking at all of them takes longer than most commands do. */
  private static CommandLine withOne(Io io, String name) {
    CommandLine line = new CommandLine(new Root());
    line.addSubcommand(name, COMMANDS.get(name).apply(io));
    return configured(line, io);
  }

  private static CommandLine configured(CommandLine line, Io io) {
    line.getSubcommands()
        .values()
        .forEach(c -> c.getCommandSpec().usageMessage().footer(new String[0]));
    return line.setOut(new PrintWriter(io.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(io.err(), true, StandardCharsets.UTF_8))
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(io.outStyle().colours() ? Ansi.ON : Ansi.OFF))
        .setUsageHelpWidth(Math.min(120, Math.max(80, io.columns())))
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((error, args) -> Misuse.explain(io, error))
        .setExecutionExceptionHandler((error, command, parsed) -> explain(io, error));
  }

  private static int explain(Io io, Exception error) {
    io.out().flush();
    if (error instanceof CliException known) {
      io.error(known.getMessage());
      return known.exitCode();
    }
    io.error("this is a defect of the troupe command; please report it:");
    error.printStackTrace(io.err());
    return ExitCode.FAILED;
  }

  /** What is there without a command. */
  @Command(
      name = "troupe",
      mixinStandardHelpOptions = true,
      version = "troupe 0.1.0",
      scope = CommandLine.ScopeType.INHERIT,
      synopsisSubcommandLabel = "COMMAND",
      description = "Distributed training on a cluster of actors.",
      footer = {
        "",
        "Exit codes: 0 done, 1 the job failed, 2 usage or invalid job, 3 not found,",
        "4 cluster unreachable, 5 not permitted, 130 interrupted.",
        "Begin with: troupe demo"
      })
  static final class Root implements Callable<Integer> {

    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Override
    public Integer call() {
      spec.commandLine().usage(spec.commandLine().getErr());
      return ExitCode.INVALID;
    }
  }
}
