package dev.troupe.sft.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.troupe.lm.Message;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Reads JSON Lines: one object a line, in UTF-8, lines ended by {@code \n} alone (strings may hold
 * other line separators, such as U+2028). A file whose name ends in {@code .gz} is unpacked on the
 * way. Empty lines are skipped.
 */
final class RowReader implements AutoCloseable {

  /** A longer line is taken for a file that is no JSON Lines. */
  private static final int MAX_LINE_BYTES = 64 << 20;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final Path file;
  private final InputStream in;
  private long line;

  /**
   * @throws IllegalArgumentException if the file cannot be opened
   */
  RowReader(Path file) {
    this.file = file;
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "%s: %s (expected: a file of JSON Lines that every worker can read)"
              .formatted(file, Files.isDirectory(file) ? "is a folder" : "no such file"));
    }
    try {
      InputStream raw = Files.newInputStream(file);
      in = new BufferedInputStream(file.toString().endsWith(".gz") ? unpacked(raw) : raw, 1 << 16);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static InputStream unpacked(InputStream raw) throws IOException {
    try {
      return new GZIPInputStream(raw, 1 << 16);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  /**
   * The next row, or null at the end.
   *
   * @throws IllegalArgumentException if the line does not parse; the message names file and line
   */
  Row next() {
    while (true) {
      byte[] bytes = nextLine();
      if (bytes == null) {
        return null;
      }
      line++;
      String text = decode(bytes);
      if (!text.isBlank()) {
        return parse(text);
      }
    }
  }

  /** The line of the last row, from 1. */
  long line() {
    return line;
  }

  /** An error in the last row. */
  IllegalArgumentException error(String what, Throwable cause) {
    return new IllegalArgumentException(file + ", line " + line + ": " + what, cause);
  }

  private byte[] nextLine() {
    try {
      int b = in.read();
      if (b < 0) {
        return null;
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
      for (; b >= 0 && b != '\n'; b = in.read()) {
        if (bytes.size() == MAX_LINE_BYTES) {
          line++;
          throw error("longer than 64 MiB (expected: one JSON object a line)", null);
        }
        bytes.write(b);
      }
      return bytes.toByteArray();
    } catch (IOException e) {
      line++;
      throw error("cannot be read: " + e.getMessage(), e);
    }
  }

  private String decode(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw error("is not UTF-8", e);
    }
  }

  private Row parse(String text) {
    JsonNode row;
    try {
      row = MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw error("does not parse as JSON: " + e.getOriginalMessage(), e);
    }
    if (!row.isObject()) {
      throw error("is not a JSON object", null);
    }
    if (row.has("messages")) {
      return conversation(row.get("messages"));
    }
    if (row.has("prompt") || row.has("completion")) {
      return new Row.Completion(text(row, "prompt"), text(row, "completion"));
    }
    if (row.has("question") || row.has("answer")) {
      return new Row.Question(text(row, "question"), text(row, "answer"));
    }
    List<String> names = new ArrayList<>();
    row.fieldNames().forEachRemaining(names::add);
    throw error(
        "has the fields %s (expected: messages, or prompt and completion, or question and answer)"
            .formatted(names),
        null);
  }

  private Row conversation(JsonNode array) {
    if (!array.isArray() || array.isEmpty()) {
      throw error("messages: expected a list of at least one {role, content}", null);
    }
    List<Message> messages = new ArrayList<>();
    for (JsonNode message : array) {
      messages.add(new Message(text(message, "role"), text(message, "content")));
    }
    if (messages.stream().noneMatch(m -> m.role().equals("assistant"))) {
      throw error("messages: none of role assistant (expected: an answer to learn)", null);
    }
    return new Row.Conversation(messages);
  }

  private String text(JsonNode object, String field) {
    JsonNode value = object.get(field);
    if (value == null || !value.isTextual()) {
      throw error(field + ": " + (value == null ? "missing" : value) + " (expected: text)", null);
    }
    return value.textValue();
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be closed", e);
    }
  }
}
