package dev.troupe.cli.command;

import dev.troupe.cli.internal.CliException;
import dev.troupe.cli.internal.Client;
import dev.troupe.cli.internal.ExitCode;
import dev.troupe.cli.internal.Format;
import dev.troupe.cli.internal.Io;
import dev.troupe.cli.internal.Nearest;
import dev.troupe.cli.internal.OptionSchema;
import dev.troupe.cli.internal.OptionSchema.OptionDoc;
import dev.troupe.cli.internal.OutputOptions;
import dev.troupe.cli.internal.OutputOptions.Form;
import dev.troupe.cli.internal.Table;
import dev.troupe.proto.v1.ListWorkloadsRequest;
import dev.troupe.proto.v1.Workload;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists workloads, or one workload's options. */
@Command(name = "workloads", description = "List what can be run, or one workload's options.")
public final class WorkloadsCommand extends ClientCommand {

  @Mixin private OutputOptions output;

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "Show this one's options.")
  private String name;

  public WorkloadsCommand(Io io) {
    super(io);
  }

  @Override
  int run(Client client) {
    List<Workload> workloads =
        client
            .cluster()
            .listWorkloads(ListWorkloadsRequest.getDefaultInstance())
            .getWorkloadsList();
    if (name != null) {
      printOne(find(workloads));
      return ExitCode.DONE;
    }
    if (output.printStructured(io, workloads.stream().map(WorkloadsCommand::view).toList())) {
      return ExitCode.DONE;
    }
    if (output.form() == Form.name) {
      workloads.forEach(w -> io.out().println(w.getName()));
      return ExitCode.DONE;
    }
    Table table = new Table("NAME", "WORKERS", "SUMMARY");
    workloads.forEach(w -> table.row(w.getName(), w.getWorkers(), w.getSummary()));
    table.print(io);
    return ExitCode.DONE;
  }

  private Workload find(List<Workload> workloads) {
    return workloads.stream()
        .filter(w -> w.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new CliException(
                    ExitCode.NOT_FOUND,
                    "no worker carries a workload "
                        + name
                        + Nearest.hint(name, workloads.stream().map(Workload::getName).toList())));
  }

  private void printOne(Workload workload) {
    if (output.printStructured(io, view(workload))) {
      return;
    }
    if (output.form() == Form.name) {
      io.out().println(workload.getName());
      return;
    }
    io.out().println(io.outStyle().bold(workload.getName()) + ": " + workload.getSummary());
    io.out().println();
    Table table = new Table("OPTION", "TYPE", "DEFAULT", "WHAT");
    for (OptionDoc option : OptionSchema.of(workload).options()) {
      String type =
          option.limits().isEmpty() ? option.type() : option.type() + " " + option.limits();
      table.row(option.name(), type, fallback(option), option.doc());
    }
    table.print(io);
  }

  private static String fallback(OptionDoc option) {
    if (option.required()) {
      return "(required)";
    }
    Object value = option.defaultValue();
    boolean none = value == null || (value instanceof List<?> list && list.isEmpty());
    return none ? "" : Format.value(value, true);
  }

  private static Map<String, Object> view(Workload workload) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", workload.getName());
    map.put("summary", workload.getSummary());
    map.put("workers", workload.getWorkers());
    map.put(
        "options",
        OptionSchema.of(workload).options().stream().map(WorkloadsCommand::view).toList());
    return map;
  }

  private static Map<String, Object> view(OptionDoc option) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", option.name());
    map.put("type", option.type());
    map.put("limits", option.limits());
    map.put("required", option.required());
    if (option.defaultValue() != null) {
      map.put("default", option.defaultValue());
    }
    map.put("description", option.doc());
    return map;
  }
}
