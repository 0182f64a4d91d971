package dev.troupe.sft.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * A file of one JSON array, whose elements are read one at a time. A file whose name ends in {@code
 * .gz} is unpacked on the way.
 */
final class JsonArray implements RecordFile {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path file;
  private final JsonParser parser;
  private long record;

  private JsonArray(Path file) throws IOException {
    this.file = file;
    parser = MAPPER.getFactory().createParser(open(file));
    parser.nextToken(); // the opening bracket
  }

  /**
   * Opens a file whose first character but blanks is a bracket, any other as JSON Lines.
   *
   * @throws IllegalArgumentException if it cannot be read
   */
  static RecordFile orLines(Path file) {
    try (JsonParser first = new JsonFactory().createParser(open(file))) {
      return startsArray(first) ? new JsonArray(file) : new JsonLines(file);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean startsArray(JsonParser parser) throws IOException {
    try {
      return parser.nextToken() == JsonToken.START_ARRAY;
    } catch (JsonProcessingException e) {
      return false; // JSON Lines says what is wrong, and where
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream raw = Files.newInputStream(file);
    try {
      boolean packed = file.toString().endsWith(".gz");
      return new BufferedInputStream(packed ? new GZIPInputStream(raw, 1 << 16) : raw, 1 << 16);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  @Override
  public JsonNode next() {
    record++;
    try {
      return parser.nextToken() == JsonToken.END_ARRAY ? null : parser.readValueAsTree();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          where() + ": does not parse as JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(where() + ": cannot be read: " + e.getMessage(), e);
    }
  }

  @Override
  public String where() {
    return file + ", element " + record;
  }

  @Override
  public void close() {
    try {
      parser.close();
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be closed", e);
    }
  }
}
