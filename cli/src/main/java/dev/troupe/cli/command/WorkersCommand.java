package dev.troupe.cli.command;

import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Format;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.Style;
import dev.troupe.cli.internal.Table;
import dev.troupe.cli.internal.Views;
import dev.troupe.proto.v1.ListWorkersRequest;
import dev.troupe.proto.v1.ListWorkersResponse;
import dev.troupe.proto.v1.Worker;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists the cluster's workers. */
@Command(name = "workers", description = "List the workers and what runs on them.")
public final class WorkersCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  private static final int PAGE = 1000;

  public WorkersCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    List<Worker> workers = all(client);
    if (output.printStructured(io, workers.stream().map(Views::worker).toList())) {
      return ExitCode.DONE;
    }
    if (output.form() == Form.name) {
      workers.forEach(worker -> io.out().println(worker.getId()));
      return ExitCode.DONE;
    }
    print(workers, output.form() == Form.wide);
    return ExitCode.DONE;
  }

  /** All workers, page by page. */
  public static List<Worker> all(Client client) {
    List<Worker> workers = new ArrayList<>();
    ListWorkersRequest.Builder request = ListWorkersRequest.newBuilder().setPageSize(PAGE);
    do {
      ListWorkersResponse page = client.cluster().listWorkers(request.build());
      workers.addAll(page.getWorkersList());
      request.setPageToken(page.getNextPageToken());
    } while (!request.getPageToken().isEmpty());
    return workers;
  }

  private void print(List<Worker> workers, boolean wide) {
    Style style = io.outStyle();
    Instant now = Instant.now();
    Table table =
        wide
            ? new Table(
                "ID",
                "HOST",
                "PID",
                "STATE",
                "SLOTS",
                "DRIVERS",
                "AGE",
                "VERSION",
                "WORKLOADS",
                "RUNNING")
            : new Table("ID", "HOST", "STATE", "SLOTS", "DRIVERS", "AGE", "RUNNING");
    for (Worker w : workers) {
      Table.Cell state = new Table.Cell(w.getState(), text -> colour(style, text));
      String slots = w.getSlotsUsed() + "/" + w.getSlots();
      String drivers = w.getDriverSlotsUsed() + "/" + w.getDriverSlots();
      String age = w.hasJoined() ? Format.age(w.getJoined(), now) : "";
      String running = String.join(" ", w.getRunningList());
      if (wide) {
        table.row(
            w.getId(),
            w.getHost(),
            w.getPid(),
            state,
            slots,
            drivers,
            age,
            w.getVersion(),
            String.join(",", w.getWorkloadsList()),
            running);
      } else {
        table.row(w.getId(), w.getHost(), state, slots, drivers, age, Format.cut(running, 60));
      }
    }
    table.print(io);
    if (workers.isEmpty()) {
      io.message("No workers. Start one with 'troupe worker --config FILE'.");
    }
  }

  private static String colour(Style style, String state) {
    return switch (state) {
      case "active" -> style.green(state);
      case "draining" -> style.yellow(state);
      default -> style.red(state);
    };
  }
}
