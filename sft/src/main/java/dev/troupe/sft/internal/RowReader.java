package dev.troupe.sft.internal;

import com.fasterxml.jackson.databind.JsonNode;
import dev.troupe.lm.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the rows of a {@link RecordFile}. */
final class RowReader implements AutoCloseable {

  private static final List<String> ROLES =
      List.of("system", "developer", "user", "assistant", "tool");

  private static final String EXPECTED =
      "messages, or prompt and completion, or question and answer, or instruction and output, or"
          + " text";

  private final RecordFile file;

  /**
   * @throws IllegalArgumentException if the file cannot be opened
   */
  RowReader(Path file) {
    this.file = RecordFile.open(file);
  }

  /**
   * The next row, or null at the end.
   *
   * @throws IllegalArgumentException if it does not parse; the message names file and line
   */
  Row next() {
    JsonNode row = file.next();
    if (row == null) {
      return null;
    }
    if (!row.isObject()) {
      throw error("is not a JSON object", null);
    }
    if (row.has("messages")) {
      return conversation(row.get("messages"), flag(row, "unmask"));
    }
    if (row.has("prompt") || row.has("completion")) {
      return new Row.Completion(text(row, "prompt"), text(row, "completion"));
    }
    if (row.has("instruction") || row.has("output")) {
      return instruction(row);
    }
    if (row.has("question") || row.has("answer")) {
      return new Row.Question(text(row, "question"), text(row, "answer"));
    }
    if (row.has("text")) {
      return new Row.Document(text(row, "text"));
    }
    List<String> names = new ArrayList<>();
    row.fieldNames().forEachRemaining(names::add);
    throw error("has the fields %s (expected: %s)".formatted(names, EXPECTED), null);
  }

  /** An error in the last row. */
  IllegalArgumentException error(String what, Throwable cause) {
    return new IllegalArgumentException(file.where() + ": " + what, cause);
  }

  private Row conversation(JsonNode array, boolean unmask) {
    if (!array.isArray() || array.isEmpty()) {
      throw error("messages: expected a list of at least one {role, content}", null);
    }
    List<Message> messages = new ArrayList<>();
    for (JsonNode message : array) {
      String role = text(message, "role");
      if (!ROLES.contains(role)) {
        throw error("role: %s (expected: one of %s)".formatted(role, ROLES), null);
      }
      messages.add(new Message(role, text(message, "content")));
    }
    if (!unmask && messages.stream().noneMatch(m -> m.role().equals("assistant"))) {
      throw error("messages: none of role assistant (expected: an answer to learn)", null);
    }
    return new Row.Conversation(messages, unmask);
  }

  /** With {@code input}, which may be missing or empty, as a paragraph of its own. */
  private Row instruction(JsonNode row) {
    String input = row.hasNonNull("input") ? text(row, "input") : "";
    String question = text(row, "instruction") + (input.isEmpty() ? "" : "\n\n" + input);
    return new Row.Question(question, text(row, "output"));
  }

  private String text(JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (value == null || !value.isTextual()) {
      throw error(field + ": " + (value == null ? "missing" : value) + " (expected: text)", null);
    }
    return value.textValue();
  }

  private boolean flag(JsonNode object, String field) {
    JsonNode value = object.path(field);
    if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
      throw error(field + ": " + value + " (expected: true or false)", null);
    }
    return value.booleanValue();
  }

  @Override
  public void close() {
    file.close();
  }
}
