package dev.troupe.core.options;

import java.util.List;
import java.util.stream.Collectors;

/** Options that are not valid; the message has one line for each violation. */
public final class OptionsException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  private final transient List<Violation> violations;

  public OptionsException(List<Violation> violations) {
    super(violations.stream().map(Violation::toString).collect(Collectors.joining("\n")));
    this.violations = List.copyOf(violations);
  }

  public List<Violation> violations() {
    return violations;
  }
}
