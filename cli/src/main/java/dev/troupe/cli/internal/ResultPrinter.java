package dev.troupe.cli.internal;

import dev.troupe.proto.v1.Job;
import java.util.List;
import java.util.Map;

/** Prints what a job gave back. */
public final class ResultPrinter {

  private ResultPrinter() {}

  public static void print(Io io, OutputOptions output, Job job) {
    Map<String, Object> result = Json.fromStruct(job.getResult());
    if (output.printStructured(io, result)) {
      return;
    }
    if (output.form() == OutputOptions.Form.name) {
      io.out().println(job.getId());
      return;
    }
    int width = result.keySet().stream().mapToInt(String::length).max().orElse(0);
    result.forEach(
        (name, value) ->
            io.out()
                .println(
                    io.outStyle().bold(name)
                        + " ".repeat(width - name.length() + 2)
                        + text(value)));
  }

  private static String text(Object value) {
    return value instanceof List || value instanceof Map
        ? Json.compact(value)
        : String.valueOf(value);
  }
}
