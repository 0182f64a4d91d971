package dev.troupe.core.options;

/**
 * One thing that is wrong with a job's options.
 *
 * @param field the option's name
 * @param description the value and what was expected, as in {@code -1 (expected: > 0)}
 */
public record Violation(String field, String description) {

  @Override
  public String toString() {
    return field + ": " + description;
  }
}
