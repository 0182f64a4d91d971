package dev.troupe.cli.internal;

import dev.troupe.proto.v1.Job;
import java.util.Map;
import java.util.Objects;

/** Prints what a job gave back: a figure a line; a text of several lines whole, below its name. */
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
    boolean wide = output.form() == OutputOptions.Form.wide;
    if (!wide) {
      result.values().removeIf(Objects::isNull);
    }
    int width = result.keySet().stream().mapToInt(String::length).max().orElse(0);
    result.forEach(
        (name, value) -> {
          boolean block = value instanceof String text && text.contains("\n");
          String gap = block ? "\n" : " ".repeat(width - name.length() + 2);
          String shown = block ? value + "\n" : Format.value(value, wide);
          io.out().println(io.outStyle().bold(name) + gap + shown);
        });
  }
}
