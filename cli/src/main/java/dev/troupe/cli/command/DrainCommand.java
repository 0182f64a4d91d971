package dev.troupe.cli.command;

import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.DrainWorkerRequest;
import dev.troupe.proto.v1.Worker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Takes a worker out of service. */
@Command(
    name = "drain",
    description =
        "Take a worker out of service: it gets no new work, tasks finish, gangs leave it at their"
            + " next step. When nothing runs on it any more, its process ends with code 0.")
public final class DrainCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  @Parameters(paramLabel = "WORKER", description = "The worker's id.")
  private String workerId;

  public DrainCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    Worker worker =
        client.cluster().drainWorker(DrainWorkerRequest.newBuilder().setWorkerId(workerId).build());
    if (!output.printStructured(io, Views.worker(worker))) {
      io.out()
          .println(
              output.form() == Form.name
                  ? worker.getId()
                  : worker.getId() + " " + worker.getState());
    }
    if (output.forPeople()) {
      io.message(
          "Its process ends when nothing runs on it any more; start it again to have it back.");
    }
    return ExitCode.DONE;
  }
}
