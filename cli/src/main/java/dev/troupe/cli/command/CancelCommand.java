package dev.troupe.cli.command;

import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.Errors;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.JobWatch;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.CancelJobRequest;
import dev.troupe.proto.v1.Job;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks jobs to stop. */
@Command(name = "cancel", description = "Stop jobs; those that have ended stay as they are.")
public final class CancelCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  @Parameters(arity = "1..*", paramLabel = "JOB", description = "Ids of jobs.")
  private List<String> jobIds;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      defaultValue = "",
      description = "Why; 'troupe describe' shows it.")
  private String reason;

  @Option(names = "--wait", description = "Come back when they have ended.")
  private boolean wait;

  public CancelCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    List<Job> jobs = new ArrayList<>();
    int code = ExitCode.DONE;
    for (String jobId : jobIds) {
      try {
        jobs.add(cancel(client, jobId));
      } catch (StatusRuntimeException e) {
        if (jobIds.size() == 1 || Errors.exitCode(e) != ExitCode.NOT_FOUND) {
          throw e;
        }
        io.error(Errors.message(e, client.address()));
        code = ExitCode.NOT_FOUND; // the others are cancelled all the same
      }
    }
    if (wait) {
      jobs.replaceAll(
          job -> JobWatch.follow(client, io, job.getId(), connect.timeout(), update -> {}));
    }
    if (output.printStructured(io, jobs.stream().map(Views::job).toList())) {
      return code;
    }
    for (Job job : jobs) {
      io.out()
          .println(
              output.form() == Form.name
                  ? job.getId()
                  : job.getId() + " " + Views.state(job.getState()));
    }
    return code;
  }

  private Job cancel(Client client, String jobId) {
    return client
        .jobs()
        .cancelJob(CancelJobRequest.newBuilder().setJobId(jobId).setReason(reason).build());
  }
}
