package dev.troupe.sft.internal.eval;

import com.fasterxml.jackson.databind.JsonNode;

/** How rows of a kind of benchmark become questions. */
interface QuestionForm {

  /**
   * Reads a row.
   *
   * @throws IllegalArgumentException if it has not the form; the message says what is wrong in it
   */
  Question read(JsonNode row);

  /** A field that must be a text. */
  static String text(JsonNode row, String field) {
    JsonNode value = row.path(field);
    if (!value.isTextual()) {
      throw new IllegalArgumentException(
          "%s: %s (expected: text)".formatted(field, value.isMissingNode() ? "missing" : value));
    }
    return value.textValue();
  }
}
