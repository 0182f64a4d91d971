package dev.troupe.cli.internal;

import picocli.CommandLine.Option;

/** In which form results are printed. */
public final class OutputOptions {

  /** The forms of {@code -o}. */
  public enum Form {
    table,
    wide,
    json,
    yaml,
    name
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "table",
      description = "Form of the result: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Form form;

  public Form form() {
    return form;
  }

  /** Whether people read the result. */
  public boolean forPeople() {
    return form == Form.table || form == Form.wide;
  }

  /** Prints {@code value} if the form is JSON or YAML. */
  public boolean printStructured(Io io, Object value) {
    if (form == Form.json) {
      io.out().print(Json.json(value));
    } else if (form == Form.yaml) {
      io.out().print(Json.yaml(value));
    } else {
      return false;
    }
    return true;
  }
}
