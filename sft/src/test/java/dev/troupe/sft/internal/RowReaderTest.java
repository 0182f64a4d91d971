package dev.troupe.sft.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.lm.Message;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowReaderTest {

  @TempDir private Path folder;

  private List<Row> read(String text) throws IOException {
    return read(Files.writeString(folder.resolve("rows.jsonl"), text));
  }

  private static List<Row> read(Path file) {
    List<Row> rows = new ArrayList<>();
    try (RowReader reader = new RowReader(file)) {
      for (Row row = reader.next(); row != null; row = reader.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  @Test
  void readsAllThreeForms() throws IOException {
    String text =
        """
        {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]}

        {"prompt": "a", "completion": "b", "id": 7}
        {"question": "1+1?", "answer": "2"}""";
    assertThat(read(text))
        .containsExactly(
            new Row.Conversation(
                List.of(new Message("user", "hi"), new Message("assistant", "ho"))),
            new Row.Completion("a", "b"),
            new Row.Question("1+1?", "2"));
  }

  @Test
  void splitsOnLineFeedsAlone() throws IOException {
    assertThat(read("{\"prompt\": \"a\u2028b\u0085\", \"completion\": \"c\"}\r\n"))
        .containsExactly(new Row.Completion("a\u2028b\u0085", "c"));
  }

  @Test
  void unpacksGzip() throws IOException {
    Path file = folder.resolve("rows.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("{\"prompt\": \"a\", \"completion\": \"b\"}\n".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(file)).containsExactly(new Row.Completion("a", "b"));
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 9));
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows.jsonl.gz, line 2: cannot be read");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{\"prompt\": ~ does not parse as JSON",
        "[1] ~ is not a JSON object",
        "{\"prompt\": \"a\", \"completion\": \"b\"} x ~ does not parse as JSON",
        "{\"text\": \"a\"} ~ has the fields [text] (expected: messages, or prompt and completion",
        "{\"prompt\": \"a\"} ~ completion: missing (expected: text)",
        "{\"prompt\": \"a\", \"completion\": 7} ~ completion: 7 (expected: text)",
        "{\"messages\": []} ~ messages: expected a list",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]} ~ none of role assistant",
        "{\"messages\": [{\"role\": \"assistant\"}]} ~ content: missing",
      })
  void aRowThatDoesNotParseIsNamedByItsLine(String row, String message) {
    assertThatThrownBy(() -> read("{\"prompt\": \"a\", \"completion\": \"b\"}\n\n" + row + "\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rows.jsonl, line 3: ")
        .hasMessageContaining(message);
  }

  @Test
  void aFileThatIsNotThereOrNotTextIsSaidToBeSo() {
    assertThatThrownBy(() -> read(folder.resolve("none.jsonl")))
        .hasMessageContaining("none.jsonl: no such file");
    assertThatThrownBy(
            () -> read(Files.write(folder.resolve("latin.jsonl"), new byte[] {'"', (byte) 0xE4})))
        .hasMessageContaining("latin.jsonl, line 1: is not UTF-8");
  }
}
