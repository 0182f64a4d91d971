package dev.troupe.cli.command;

import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.JobArguments;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.SubmitJobRequest;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Hands a job to the cluster and comes back. */
@Command(name = "submit", description = "Hand a job to the cluster, print its id, and come back.")
public final class SubmitCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  @Mixin private JobArguments arguments;

  @Option(names = "--dry-run", description = "Only check the job.")
  private boolean dryRun;

  public SubmitCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    SubmitJobRequest request =
        JobArguments.withAbsolutePaths(arguments.request(io), client, io).toBuilder()
            .setDryRun(dryRun)
            .build();
    Job job = client.jobs().submitJob(request);
    boolean structured = output.printStructured(io, Views.job(job));
    if (dryRun) {
      io.message("The job is valid; nothing was submitted.");
      return ExitCode.DONE;
    }
    if (!structured) {
      io.out().println(job.getId());
    }
    if (output.forPeople()) {
      io.message(
          Views.ended(job)
              ? "The job had this id before, and has " + Views.state(job.getState()) + "."
              : "Follow it with 'troupe watch " + job.getId() + "'.");
    }
    return ExitCode.DONE;
  }
}
