package dev.troupe.sft.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.lm.Example;
import dev.troupe.lm.Tokenizer;
import dev.troupe.sft.Fixtures;
import dev.troupe.sft.internal.Dataset.TooLong;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {

  @TempDir private static Path folder;

  private static Tokenizer tokenizer;

  @BeforeAll
  static void load() throws IOException {
    tokenizer = Tokenizer.load(Fixtures.model(folder));
  }

  private static Dataset load(String rows, int maxLength, TooLong tooLong) throws IOException {
    Path file = Files.writeString(folder.resolve("rows.jsonl"), rows);
    return Dataset.load(List.of(new DataFile(file, 1)), tokenizer, maxLength, tooLong);
  }

  @Test
  void onlyTheAnswerAndItsEndCount() throws IOException {
    String row = "{\"prompt\": \"ab:\", \"completion\": \"xy\"}\n";
    Example example = load(row, 48, TooLong.ERROR).examples().get(0);
    assertThat(example.length()).isEqualTo(3 + 2 + 1); // prompt, completion, eos
    assertThat(example.counted()).containsExactly(false, false, false, true, true, true);
    assertThat(tokenizer.decode(Arrays.copyOfRange(example.tokens(), 3, 5))).isEqualTo("xy");
    assertThat(example.tokens()[5]).isEqualTo(tokenizer.eos().orElseThrow());
  }

  @Test
  void onlyTheAssistantsTurnsCount() throws IOException {
    String row =
        "{\"messages\": [{\"role\": \"user\", \"content\": \"abc\"}, {\"role\": \"assistant\","
            + " \"content\": \"xyz\"}]}\n";
    Example example = load(row, 48, TooLong.ERROR).examples().get(0);
    StringBuilder counted = new StringBuilder();
    for (int t = 0; t < example.length(); t++) {
      if (example.counted()[t]) {
        counted.append(tokenizer.decode(new int[] {example.tokens()[t]}));
      }
    }
    assertThat(counted.toString()).startsWith("xyz").doesNotContain("abc");
  }

  @Test
  void aLongRowIsAnErrorOrDropped() throws IOException {
    String rows =
        """
        {"prompt": "a", "completion": "b"}
        {"prompt": "aaaaaaaa", "completion": "b"}
        """;
    assertThatThrownBy(() -> load(rows, 6, TooLong.ERROR))
        .hasMessageContaining("line 2: 10 tokens (expected: at most maxLength, 6;");
    Dataset dropped = load(rows, 6, TooLong.DROP);
    assertThat(dropped.size()).isEqualTo(1);
    assertThat(dropped.dropped()).isEqualTo(1);
    assertThatThrownBy(() -> load(rows, 2, TooLong.DROP))
        .hasMessageContaining("no rows within maxLength, 2 dropped (expected: at least 1)");
  }

  @Test
  void aGlanceThatSeesOnlyLongRowsDoesNotTellThatThereAreNoOthers() throws IOException {
    String rows =
        "{\"prompt\": \"aaaaaaaa\", \"completion\": \"b\"}\n{\"prompt\": \"a\", \"completion\": \"b\"}\n";
    Path file = Files.writeString(folder.resolve("long-first.jsonl"), rows);
    List<DataFile> files = List.of(new DataFile(file, 1));
    assertThat(Dataset.load(files, tokenizer, 6, TooLong.DROP, 1).size()).isZero();
  }

  @Test
  void anEmptySetIsAnError() {
    assertThatThrownBy(() -> load("\n\n", 48, TooLong.ERROR))
        .hasMessageContaining("no rows (expected: at least 1)");
  }

  @Test
  void heldOutRowsAreNotTrainedOn() throws IOException {
    Path file = Fixtures.data(folder, 50);
    Dataset all = Dataset.load(List.of(new DataFile(file, 1)), tokenizer, 48, TooLong.ERROR);
    List<Dataset> parts = all.holdOut(10, 1);
    assertThat(parts.get(0).size()).isEqualTo(40);
    assertThat(parts.get(1).size()).isEqualTo(10);
    Set<Example> both = new HashSet<>(parts.get(0).examples());
    both.addAll(parts.get(1).examples());
    assertThat(both).hasSize(50);
    assertThat(all.holdOut(10, 1).get(1).fingerprint()).isEqualTo(parts.get(1).fingerprint());
    assertThat(all.holdOut(10, 2).get(1).fingerprint()).isNotEqualTo(parts.get(1).fingerprint());
  }

  @Property(tries = 50)
  void anEpochTakesEachRowOnce(
      @ForAll @IntRange(min = 1, max = 50) int rows,
      @ForAll @IntRange(min = 1, max = 20) int batch,
      @ForAll long seed) {
    List<DataOrder.Part> parts = List.of(new DataOrder.Part(rows, 1));
    DataOrder order = new DataOrder(parts, batch, seed);
    int[] taken = new int[rows];
    for (long step = 0; step < rows; step++) { // exactly `batch` epochs
      for (int row : order.rowsOf(step)) {
        taken[row]++;
      }
    }
    assertThat(taken).containsOnly(batch);
    // a pure function of the step: asked alone, it answers the same
    assertThat(new DataOrder(parts, batch, seed).rowsOf(rows - 1))
        .isEqualTo(order.rowsOf(rows - 1));
  }

  @Property(tries = 50)
  void weightsSayHowOftenAnEpochTakesARow(
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 20) int batch,
      @ForAll long seed) {
    List<DataOrder.Part> parts =
        List.of(
            new DataOrder.Part(4, 2),
            new DataOrder.Part(0, 0.3),
            new DataOrder.Part(2 * rows, 0.5),
            new DataOrder.Part(rows, 1));
    int epochRows = 8 + rows + rows;
    assertThat(DataOrder.epochRows(parts)).isEqualTo(epochRows);
    DataOrder order = new DataOrder(parts, batch, seed);
    int[] taken = new int[4 + 3 * rows];
    for (long step = 0; step < 2L * epochRows; step++) { // 2 * batch epochs
      for (int row : order.rowsOf(step)) {
        taken[row]++;
      }
    }
    assertThat(Arrays.copyOfRange(taken, 0, 4)).containsOnly(4 * batch);
    assertThat(Arrays.copyOfRange(taken, 4, 4 + 2 * rows)).containsOnly(batch);
    assertThat(Arrays.copyOfRange(taken, 4 + 2 * rows, taken.length)).containsOnly(2 * batch);
  }

  @Test
  void aWeightStandsBehindTheFile() throws IOException {
    assertThat(DataFile.parse("a.jsonl:2")).isEqualTo(new DataFile(Path.of("a.jsonl"), 2));
    assertThat(DataFile.parse("/x:1/a.csv:.5")).isEqualTo(new DataFile(Path.of("/x:1/a.csv"), 0.5));
    assertThat(DataFile.parse("a.jsonl")).isEqualTo(new DataFile(Path.of("a.jsonl"), 1));
    Path odd = Files.writeString(folder.resolve("odd:2"), "");
    assertThat(DataFile.parse(odd.toString())).isEqualTo(new DataFile(odd, 1));
    assertThatThrownBy(() -> DataFile.parse("a.jsonl:0"))
        .hasMessage("a.jsonl: weight 0.0 (expected: > 0, at most 100)");
    assertThatThrownBy(() -> DataFile.parse("a.jsonl:101"))
        .hasMessage("a.jsonl: weight 101.0 (expected: > 0, at most 100)");
  }

  @Test
  void aFractionOfAnEpochIsAtLeastOneRow() {
    assertThat(new DataOrder.Part(3, 0.01).epochRows()).isEqualTo(1);
    assertThat(new DataOrder.Part(10, 2.25).epochRows()).isEqualTo(23);
  }

  @Test
  void weightsStayWithTheRowsThatAreNotHeldOut() throws IOException {
    Path one = Fixtures.data(folder, 20);
    Path other =
        Files.writeString(folder.resolve("other.jsonl"), "{\"text\": \"abcabc\"}\n".repeat(10));
    List<DataFile> files = List.of(new DataFile(one, 1), new DataFile(other, 3));
    Dataset all = Dataset.load(files, tokenizer, 48, TooLong.ERROR);
    assertThat(all.epochRows()).isEqualTo(20 + 3 * 10);
    List<Dataset> split = all.holdOut(15, 4);
    DataOrder.Part first = split.get(0).parts().get(0);
    DataOrder.Part second = split.get(0).parts().get(1);
    assertThat(first.rows() + second.rows()).isEqualTo(15);
    assertThat(second.rows())
        .isEqualTo(split.get(0).examples().stream().filter(e -> e.counted()[0]).count());
    assertThat(split.get(0).epochRows()).isEqualTo(first.rows() + 3 * second.rows());
    Dataset unweighted =
        Dataset.load(List.of(files.get(0), new DataFile(other, 1)), tokenizer, 48, TooLong.ERROR);
    assertThat(unweighted.fingerprint()).isNotEqualTo(all.fingerprint());
  }

  @Test
  void aDocumentIsLearnedWholeAndCutWhereItIsTooLong() throws IOException {
    Dataset data = load("{\"text\": \"abcdefgh\"}\n", 4, TooLong.ERROR);
    assertThat(data.examples().stream().map(e -> tokenizer.decodeWithSpecials(e.tokens())))
        .containsExactly("abcd", "efgh"); // nothing can be learned from the end alone
    Example whole = load("{\"text\": \"abcdefgh\"}\n", 9, TooLong.ERROR).examples().get(0);
    assertThat(whole.countedTokens()).isEqualTo(8);
    assertThat(whole.tokens()[8]).isEqualTo(tokenizer.eos().orElseThrow());
  }

  @Test
  void unmaskLearnsAllThatIsSaid() throws IOException {
    String row =
        "{\"unmask\": true, \"messages\": [{\"role\": \"system\", \"content\": \"be\"}, {\"role\":"
            + " \"user\", \"content\": \"abc\"}, {\"role\": \"assistant\", \"content\":"
            + " \"xyz\"}]}\n";
    Example example = load(row, 100, TooLong.ERROR).examples().get(0);
    assertThat(Preview.marked(tokenizer, example))
        .isEqualTo(
            "<|im_start|>system\nbe<|im_end|><|im_start|>user\n⟦abc⟧<|im_end|><|im_start|>"
                + "assistant\n⟦xyz<|im_end|>⟧");
  }

  @Test
  void theSummaryTellsLengths() throws IOException {
    String rows =
        """
        {"prompt": "a", "completion": "b"}
        {"prompt": "aaa", "completion": "b"}
        {"prompt": "aaaaaaaa", "completion": "b"}
        """;
    DataSummary summary = DataSummary.of(load(rows, 6, TooLong.DROP));
    assertThat(summary.rows()).isEqualTo(2);
    assertThat(summary.dropped()).isEqualTo(1);
    assertThat(summary.tokens()).isEqualTo(3 + 5);
    assertThat(summary.learned()).isEqualTo(2 + 2);
    assertThat(summary.lengths()).containsEntry("min", 3).containsEntry("max", 5);
    assertThat(summary)
        .hasToString(
            "2 rows (1 longer than maxLength left out), 8 tokens, of which 4 (50.0 %) are learned;"
                + " tokens a row: {min=3, p10=3, p50=3, p90=3, p99=3, max=5}");
  }

  @Test
  void theDemosHeldOutPromptsAreNeverTrainedOn() {
    assertThat(DemoTasks.kinds()).hasSize(8);
    for (String kind : DemoTasks.kinds()) {
      assertThat(DemoTasks.heldOut(7, kind))
          .doesNotHaveDuplicates()
          .isEqualTo(DemoTasks.heldOut(7, kind))
          .isNotEqualTo(DemoTasks.heldOut(8, kind))
          .allSatisfy(item -> assertThat(item.prompt()).startsWith(kind + " "));
    }
    assertThat(DemoTasks.heldOut(7, "sort"))
        .allSatisfy(item -> assertThat(item.answer()).isEqualTo(sorted(item.prompt())));
  }

  private static String sorted(String prompt) {
    char[] letters = prompt.substring(5, prompt.length() - 1).toCharArray();
    Arrays.sort(letters);
    return new String(letters);
  }
}
