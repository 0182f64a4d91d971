package dev.troupe.sft.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.lm.Message;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
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
  void readsInstructionsFromAnArray() throws IOException {
    String text =
        """

        [{"instruction": "Add.", "input": "1 and 2", "output": "3", "answer": "3"},
         {"instruction": "Say hi.", "input": "", "output": "hi"}]
        """;
    assertThat(read(Files.writeString(folder.resolve("rows.json"), text)))
        .containsExactly(
            new Row.Question("Add.\n\n1 and 2", "3"), new Row.Question("Say hi.", "hi"));
    assertThat(read(Files.writeString(folder.resolve("lines.json"), "{\"text\": \"a\"}\n")))
        .containsExactly(new Row.Document("a"));
    assertThatThrownBy(
            () -> read(Files.writeString(folder.resolve("cut.json"), "[{\"text\": \"a\"}, {")))
        .hasMessageContaining("cut.json, element 2: ");
    assertThatThrownBy(
            () ->
                read(Files.writeString(folder.resolve("bare.json"), "[{\"instruction\": \"a\"}]")))
        .hasMessageContaining("bare.json, element 1: output: missing (expected: text)");
  }

  @Test
  void readsAllForms() throws IOException {
    String text =
        """
        {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "ho"}]}

        {"prompt": "a", "completion": "b", "id": 7}
        {"messages": [{"role": "user", "content": "hi"}], "unmask": true}
        {"text": "once"}
        {"question": "1+1?", "answer": "2"}\
        """;
    assertThat(read(text))
        .containsExactly(
            new Row.Conversation(
                List.of(new Message("user", "hi"), new Message("assistant", "ho")), false),
            new Row.Completion("a", "b"),
            new Row.Conversation(List.of(new Message("user", "hi")), true),
            new Row.Document("once"),
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
        "{\"body\": \"a\"} ~ has the fields [body] (expected: messages, or prompt and completion",
        "{\"text\": 7} ~ text: 7 (expected: text)",
        "{\"messages\": [{\"role\": \"gpt\", \"content\": \"a\"}]} ~ role: gpt (expected: one of"
            + " [system,",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"unmask\": 1} ~ unmask: 1"
            + " (expected: true or",
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
  void readsCsv() throws IOException {
    String rows = "id,prompt,completion\n1,\"a, \"\"b\"\"\nc\u2028d\",\n2,\"x;\ty\",NULL\n";
    List<Row> expected =
        List.of(new Row.Completion("a, \"b\"\nc\u2028d", ""), new Row.Completion("x;\ty", "NULL"));
    assertThat(read(Files.writeString(folder.resolve("odd [1]*'s.csv"), rows))).isEqualTo(expected);
    String marked = "\uFEFF" + rows.replace(",", "\t").replace("a\t", "a,").replace("\n", "\r\n");
    assertThat(read(Files.writeString(folder.resolve("rows.TSV"), marked)))
        .first()
        .isEqualTo(new Row.Completion("a, \"b\"\r\nc\u2028d", ""));
    Path packed = folder.resolve("rows.csv.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(rows.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(read(packed)).isEqualTo(expected);
  }

  @Test
  void aCsvFileThatDoesNotParseIsNamedByItsLine() throws IOException {
    Path ragged = Files.writeString(folder.resolve("ragged.csv"), "text\nhello\nhello, world\n");
    assertThatThrownBy(() -> read(ragged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("ragged.csv: cannot be read")
        .hasMessageContaining("Line: 3")
        .hasMessageContaining("Expected Number of Columns: 1 Found: 2");
    Path other = Files.writeString(folder.resolve("other.csv"), "a,b\n1,2\n");
    assertThatThrownBy(() -> read(other))
        .hasMessageContaining("other.csv, row 1: has the fields [a, b] (expected: messages");
    assertThatThrownBy(() -> read(Files.writeString(folder.resolve("empty.csv"), "")))
        .hasMessageContaining("empty.csv: cannot be read: no header line");
  }

  @Test
  void whatIsUnpackedToReadTablesLeavesNoFileBehind() throws IOException {
    Path maps = Path.of("/proc/self/maps");
    assumeTrue(Files.isReadable(maps), "skipped: looks at the libraries as Linux tells them");
    read(Files.writeString(folder.resolve("rows.csv"), "prompt,completion\na,b\n"));
    assertThat(Files.readAllLines(maps).stream().filter(line -> line.contains("libduckdb_java")))
        .isNotEmpty()
        .allMatch(line -> line.endsWith("(deleted)"));
  }

  @Test
  void readsParquet() throws Exception {
    Path file = folder.resolve("rows.parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          COPY (SELECT [{'role': 'user', 'content': 'q' || i}, {'role': 'assistant', 'content': 'a' || i}]
                       AS messages, i %% 2 = 1 AS unmask, i AS id
                FROM range(5000) r(i)) TO '%s' (FORMAT parquet, ROW_GROUP_SIZE 2048)
          """
              .formatted(file));
    }
    List<Row> rows = read(file);
    assertThat(rows).hasSize(5000);
    assertThat(rows.get(4321))
        .isEqualTo(
            new Row.Conversation(
                List.of(new Message("user", "q4321"), new Message("assistant", "a4321")), true));
    byte[] bytes = Files.readAllBytes(file);
    Path damaged =
        Files.write(folder.resolve("half.parquet"), Arrays.copyOf(bytes, bytes.length / 2));
    assertThatThrownBy(() -> read(damaged))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("half.parquet: cannot be read");
  }

  @Test
  void aFileThatIsNotThereOrNotTextIsSaidToBeSo() {
    assertThatThrownBy(() -> read(folder.resolve("none.jsonl")))
        .hasMessageContaining("none.jsonl: no such file");
    assertThatThrownBy(() -> read(folder))
        .hasMessageContaining("is a folder (expected: a file of JSON Lines, CSV or Parquet");
    assertThatThrownBy(
            () -> read(Files.write(folder.resolve("latin.jsonl"), new byte[] {'"', (byte) 0xE4})))
        .hasMessageContaining("latin.jsonl, line 1: is not UTF-8");
  }
}
