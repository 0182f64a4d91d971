package dev.troupe.cli.command;

import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.JobWatch;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.Job;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks jobs to stop. */
@Command(name = "cancel", description = "Stop jobs; those that have ended stay as they are.")
public final class CancelCommand extends ClientCommand {

  @Parameters(arity = "1..*", paramLabel = "JOB", description = "Ids of jobs.")
  private List<String> jobIds;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "For the timeline.")
  private String reason;

  @Option(names = "--wait", description = "Come back when they have ended.")
  private boolean wait;

  public CancelCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    List<Job> jobs = new ArrayList<>();
    for (String jobId : jobIds) {
      jobs.add(
          client
              .jobs()
              .cancelJob(CancelJobRequest.newBuilder().setJobId(jobId).setReason(reason).build()));
    }
    if (wait) {
      jobs.replaceAll(
          job -> JobWatch.follow(client, io, job.getId(), connect.timeout(), update -> {}));
    }
    if (output.printStructured(io, jobs.stream().map(Views::job).toList())) {
      return ExitCode.DONE;
    }
    for (Job job : jobs) {
      io.out()
          .println(
              output.form() == Form.name
                  ? job.getId()
                  : job.getId() + " " + Views.state(job.getState()));
    }
    return ExitCode.DONE;
  }
}
