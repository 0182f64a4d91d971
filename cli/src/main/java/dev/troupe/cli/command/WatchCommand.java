package dev.troupe.cli.command;

import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.Durations;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.JobRunner;
import dev.troupe.cli.internal.JobWatch;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.ProgressDisplay;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Follows a job; Ctrl-C only leaves. */
@Command(
    name = "watch",
    description = "Follow a job to its end; Ctrl-C leaves, and the job goes on.")
public final class WatchCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  @Parameters(paramLabel = "JOB", description = "The job's id.")
  private String jobId;

  @Option(
      names = "--reconnect",
      paramLabel = "TIME",
      defaultValue = "5m",
      converter = Durations.class,
      description = "How long the coordinator may be away (default: ${DEFAULT-VALUE}).")
  private Duration reconnect;

  public WatchCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    ProgressDisplay display = new ProgressDisplay(io);
    io.signals()
        .onInterrupt(
            () -> {
              display.end();
              io.message("Left; job " + jobId + " goes on.");
              io.signals().exit(ExitCode.INTERRUPTED);
            });
    Job job = JobWatch.follow(client, io, jobId, reconnect, display::update);
    if (job.getState() == JobState.JOB_STATE_FAILED) {
      JobRunner.printFailure(io, job);
    }
    if (!output.printStructured(io, Views.job(job))) {
      io.out()
          .println(
              output.form() == Form.name
                  ? job.getId()
                  : job.getId() + " " + Views.state(job.getState()));
    }
    return job.getState() == JobState.JOB_STATE_SUCCEEDED ? ExitCode.DONE : ExitCode.FAILED;
  }
}
