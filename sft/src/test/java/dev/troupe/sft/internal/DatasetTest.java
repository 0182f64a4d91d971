package dev.troupe.sft.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.lm.Batch;
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
import java.util.stream.IntStream;
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
    return Dataset.load(List.of(file), tokenizer, maxLength, tooLong);
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
        "{\"prompt\": \"a\", \"completion\": \"b\"}\n{\"prompt\": \"aaaaaaaa\", \"completion\": \"b\"}\n";
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
    assertThat(Dataset.load(List.of(file), tokenizer, 6, TooLong.DROP, 1).size()).isZero();
  }

  @Test
  void anEmptySetIsAnError() {
    assertThatThrownBy(() -> load("\n\n", 48, TooLong.ERROR))
        .hasMessageContaining("no rows (expected: at least 1)");
  }

  @Test
  void heldOutRowsAreNotTrainedOn() throws IOException {
    Path file = Fixtures.data(folder, 50);
    Dataset all = Dataset.load(List.of(file), tokenizer, 48, TooLong.ERROR);
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
    DataOrder order = new DataOrder(rows, batch, seed);
    int[] taken = new int[rows];
    for (long step = 0; step < rows; step++) { // exactly `batch` epochs
      for (int row : order.rowsOf(step)) {
        taken[row]++;
      }
    }
    assertThat(taken).containsOnly(batch);
    // a pure function of the step: asked alone, it answers the same
    assertThat(new DataOrder(rows, batch, seed).rowsOf(rows - 1)).isEqualTo(order.rowsOf(rows - 1));
  }

  @Property(tries = 50)
  void microBatchesHoldTheGlobalBatchWhateverTheRanks(
      @ForAll @IntRange(min = 1, max = 12) int microBatches,
      @ForAll @IntRange(min = 0, max = 30) int more) {
    int rows = microBatches + more;
    Dataset data =
        new Dataset(
            IntStream.range(0, rows).mapToObj(i -> Example.of(new int[2 + i * 7 % 13])).toList(),
            0);
    GlobalBatch batch = GlobalBatch.of(data, IntStream.range(0, rows).toArray(), microBatches);
    int counted = 0;
    int held = 0;
    for (int leaf = 0; leaf < microBatches; leaf++) {
      Batch rectangle = batch.leaf(leaf, 20);
      counted += rectangle.countedTokens();
      held += rectangle.rows();
    }
    assertThat(held).isEqualTo(rows);
    assertThat(counted).isEqualTo((int) batch.countedTokens());
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
