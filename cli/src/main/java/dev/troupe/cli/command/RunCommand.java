package dev.troupe.cli.command;

import static dev.troupe.cli.command.ClientCommand.explained;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ConnectOptions;
import dev.troupe.cli.internal.Durations;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.JobArguments;
import dev.troupe.cli.internal.JobRunner;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.ResultPrinter;
import dev.troupe.cli.internal.Views;
import dev.troupe.cli.local.LocalCluster;
import dev.troupe.cli.local.LocalDirectories;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.SubmitJobRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Stack;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** Submits a job, follows it, and prints its result. */
@Command(
    name = "run",
    description =
        "Submit a job, follow it, and print its result; Ctrl-C cancels the job, a second one leaves"
            + " at once.")
public final class RunCommand implements Callable<Integer> {

  private static final int DEFAULT_WORKERS = 2;

  @Mixin private ConnectOptions connect;
  @Mixin private OutputOptions output;
  @Mixin private JobArguments arguments;

  @Option(names = "--dry-run", description = "Only check the job.")
  private boolean dryRun;

  @Option(
      names = "--local",
      arity = "0..1",
      paramLabel = "N",
      preprocessor = OptionalCount.class,
      description = "Run on a throw-away cluster of N workers on this machine (2 if not given).")
  private Integer local;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description = "With --local: keep the cluster's journal, store and logs here.")
  private Path directory;

  @Option(
      names = "--reconnect",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = Durations.class,
      description = "How long the coordinator may be away (default: ${DEFAULT-VALUE}).")
  private Duration reconnect;

  private final Io io;

  public RunCommand(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() {
    SubmitJobRequest request = arguments.request(io);
    if (local == null) {
      if (directory != null) {
        throw CliException.invalid("--dir: only with --local");
      }
      try (Client client = connect.client(io)) {
        return explained(client, () -> run(client, request));
      }
    }
    if (connect.addressGiven()) {
      throw CliException.invalid("--local and --address exclude each other");
    }
    LocalCluster.Options options =
        directory == null
            ? new LocalCluster.Options(LocalDirectories.temporary(), false, local, 0)
            : new LocalCluster.Options(io.directory().resolve(directory), true, local, 0);
    try (LocalCluster cluster = LocalCluster.start(io, options);
        Client client = Client.connect(cluster.address(), null, "", connect.timeout())) {
      return explained(client, () -> run(client, request));
    }
  }

  private int run(Client client, SubmitJobRequest draft) {
    SubmitJobRequest request = JobArguments.withAbsolutePaths(draft, client, io);
    if (dryRun) {
      Job job = client.jobs().submitJob(request.toBuilder().setDryRun(true).build());
      if (!output.printStructured(io, Views.job(job))) {
        io.message("The job is valid; nothing was submitted.");
      }
      return ExitCode.DONE;
    }
    JobRunner runner = new JobRunner(client, io, reconnect);
    Job job = runner.run(request);
    if (job.getState() == JobState.JOB_STATE_SUCCEEDED) {
      ResultPrinter.print(io, output, job);
    }
    return runner.conclude(job);
  }

  /**
   * Takes the next argument if it is a number, since {@code --local} may stand before a workload.
   */
  static final class OptionalCount implements IParameterPreprocessor {
    @Override
    public boolean preprocess(
        Stack<String> arguments,
        CommandSpec command,
        ArgSpec option,
        java.util.Map<String, Object> info) {
      boolean count = !arguments.isEmpty() && arguments.peek().matches("[0-9]{1,9}");
      option.setValue(count ? Integer.valueOf(arguments.pop()) : (Integer) DEFAULT_WORKERS);
      return true;
    }
  }
}
