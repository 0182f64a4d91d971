package dev.troupe.cli.command;

import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.JobRunner;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.ResultPrinter;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.GetJobRequest;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints what a job gave back. */
@Command(name = "result", description = "Print what a job gave back.")
public final class ResultCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  @Parameters(paramLabel = "JOB", description = "The job's id.")
  private String jobId;

  public ResultCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    Job job = client.jobs().getJob(GetJobRequest.newBuilder().setJobId(jobId).build());
    if (job.getState() == JobState.JOB_STATE_SUCCEEDED) {
      ResultPrinter.print(io, output, job);
      return ExitCode.DONE;
    }
    if (job.getState() == JobState.JOB_STATE_FAILED) {
      JobRunner.printFailure(io, job);
    } else {
      io.message(
          "Job "
              + jobId
              + " has no result: it "
              + (Views.ended(job) ? "was " : "is ")
              + Views.state(job.getState())
              + (Views.ended(job) ? "." : "; 'troupe watch " + jobId + "' waits for its end."));
    }
    return ExitCode.FAILED;
  }
}
