package dev.troupe.sft.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.util.zip.GZIPInputStream;

/**
 * JSON Lines: one value a line, in UTF-8, lines ended by {@code \n} alone (strings may hold other
 * line separators, such as U+2028). A file whose name ends in {@code .gz} is unpacked on the way.
 * Empty lines are skipped.
 */
final class JsonLines implements RecordFile {

  /** A longer line is taken for a file that is no JSON Lines. */
  private static final int MAX_LINE_BYTES = 64 << 20;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final Path file;
  private final InputStream in;
  private long line;

  JsonLines(Path file) {
    this.file = file;
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

  @Override
  public JsonNode next() {
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

  @Override
  public String where() {
    return file + ", line " + line;
  }

  private IllegalArgumentException error(String what, Throwable cause) {
    return new IllegalArgumentException(where() + ": " + what, cause);
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

  private JsonNode parse(String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw error("does not parse as JSON: " + e.getOriginalMessage(), e);
    }
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
