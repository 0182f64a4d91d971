package dev.troupe.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.troupe.store.LogStore.Chunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogStoreTest {

  private static final Instant TIME = Instant.parse("2026-11-23T22:00:00.123456Z");
  private static final String PREFIX = "2026-11-23T22:00:00.123Z train/0 | ";

  @TempDir Path directory;
  private LogStore logs;

  @BeforeEach
  void open() {
    logs = LogStore.open(directory, LogStore.MIN_BYTES_PER_JOB);
  }

  @Test
  void formatsEachLine() {
    append("one\ntwo\r\n\nlast, without a feed");

    assertThat(all("job"))
        .isEqualTo(
            PREFIX
                + "one\n"
                + PREFIX
                + "two\n"
                + PREFIX
                + "\n"
                + PREFIX
                + "last, without a feed\n");
  }

  @Test
  void aSourceCannotForgeALine() {
    logs.append("job", "a\nb", TIME, "text\n");

    assertThat(all("job")).isEqualTo("2026-11-23T22:00:00.123Z a?b | text\n");
  }

  @Test
  void isEmptyAtTheEndAndWithoutALog() {
    append("one\n");
    long end = logs.read("job", 0, 1000).nextOffset();

    assertThat(end).isEqualTo(PREFIX.length() + 4);
    assertThat(logs.read("job", end, 1000).data()).isEmpty();
    assertThat(logs.read("job", end, 1000).nextOffset()).isEqualTo(end);
    assertThat(logs.read("another", 0, 1000).data()).isEmpty();
    assertThat(logs.tailOffset("another", 5)).isZero();
  }

  @Test
  void endsChunksWithALine() {
    append("one\ntwo\nthree\n");
    int line = PREFIX.length() + 4;

    Chunk chunk = logs.read("job", 0, 2 * line + 3);

    assertThat(chunk.data()).hasSize(2 * line);
    assertThat(chunk.nextOffset()).isEqualTo(2L * line);
    assertThat(logs.read("job", 0, 5).data()).hasSize(5); // no line end within reach
  }

  @Test
  void dropsTheOldestAndSaysHowMuch() throws IOException {
    for (int i = 0; i < 1000; i++) {
      append("line " + i + "\n");
    }

    Chunk notice = logs.read("job", 0, 1 << 20);
    long dropped = notice.nextOffset();
    assertThat(new String(notice.data(), UTF_8))
        .startsWith("-- " + dropped + " bytes of log were dropped here")
        .endsWith("\n");
    assertThat(new String(logs.read("job", 40, 1 << 20).data(), UTF_8))
        .startsWith("-- " + (dropped - 40) + " bytes");
    String kept = from("job", dropped);
    assertThat(kept).startsWith(PREFIX + "line ").endsWith("line 999\n");
    assertThat(kept.length()).isBetween(4096 * 3 / 4, 4096);
    assertThat(bytesOnDisk()).isEqualTo(kept.length());
  }

  @Test
  void cutsALongLineBetweenCharacters() {
    append("é".repeat(10_000) + "\n");

    String line = all("job");

    assertThat(line).startsWith(PREFIX + "éé").matches("(?s).*é \\.\\.\\. \\(a line of .*cut\\)\n");
    assertThat(line).doesNotContain("\ufffd");
    assertThat(line.getBytes(UTF_8).length).isLessThanOrEqualTo(4096 / 8);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 30})
  void findsTheTail(int lines) {
    IntStream.range(0, 30).forEach(i -> append("line " + i + "\n"));

    String tail = from("job", logs.tailOffset("job", lines));

    assertThat(tail.lines()).hasSize(lines);
    assertThat(tail).startsWith(PREFIX + "line " + (30 - lines) + "\n").endsWith("line 29\n");
  }

  @Test
  void aTailLongerThanTheLogIsAllOfIt() {
    append("one\n");
    assertThat(logs.tailOffset("job", 2)).isZero();
    assertThat(logs.tailOffset("job", 0)).isEqualTo(PREFIX.length() + 4);

    IntStream.range(0, 1000).forEach(i -> append("line " + i + "\n"));
    assertThat(from("job", logs.tailOffset("job", 100_000))).startsWith("-- ");
  }

  @Test
  void completesTheLineOfADeadWriter() throws IOException {
    append("one\n");
    try (Stream<Path> files = Files.list(directory.resolve("logs/job"))) {
      Files.writeString(files.findFirst().orElseThrow(), "torn", StandardOpenOption.APPEND);
    }
    long before = logs.tailOffset("job", 1);

    LogStore reopened = LogStore.open(directory, LogStore.MIN_BYTES_PER_JOB);
    reopened.append("job", "train/0", TIME, "two\n");

    assertThat(all("job")).isEqualTo(PREFIX + "one\ntorn\n" + PREFIX + "two\n");
    assertThat(before).isEqualTo(PREFIX.length() + 4);
  }

  @Test
  void deletes() {
    append("one\n");
    logs.delete("job");
    logs.delete("job");

    assertThat(logs.read("job", 0, 100).data()).isEmpty();
    assertThat(directory.resolve("logs/job")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "../x", "a/b", "/etc", ".hidden", "a\0b", "a\n"})
  void refusesNamesThatAreNoJobs(String job) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> logs.append(job, "s", TIME, "x"))
        .withMessageContaining("job: '" + job + "'");
    assertThatIllegalArgumentException().isThrownBy(() -> logs.read(job, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> logs.delete(job));
  }

  @Test
  void refusesLimitsThatCannotBeKept() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LogStore.open(directory, 10))
        .withMessage("bytesPerJob: 10 (expected: >= 4096)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> logs.read("job", -1, 1))
        .withMessage("offset: -1 (expected: >= 0)");
  }

  @Test
  void keepsTheLinesOfManyWritersWhole() throws Exception {
    LogStore roomy = LogStore.open(directory, 1 << 20);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> writers = new ArrayList<>();
      for (int writer = 0; writer < 4; writer++) {
        String text = "writer " + writer + "\n";
        writers.add(
            () -> {
              for (int i = 0; i < 200; i++) {
                roomy.append("job", "train/0", TIME, text.repeat(3));
              }
              return null;
            });
      }
      for (var done : threads.invokeAll(writers)) {
        done.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(from("job", 0).lines().toList())
        .hasSize(4 * 200 * 3)
        .allMatch(line -> line.matches("\\S+ train/0 \\| writer \\d"));
  }

  private void append(String lines) {
    logs.append("job", "train/0", TIME, lines);
  }

  private String all(String job) {
    return from(job, 0);
  }

  private String from(String job, long offset) {
    StringBuilder text = new StringBuilder();
    Chunk chunk = logs.read(job, offset, 777);
    while (chunk.data().length > 0) {
      text.append(new String(chunk.data(), UTF_8));
      chunk = logs.read(job, chunk.nextOffset(), 777);
    }
    return text.toString();
  }

  private long bytesOnDisk() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("logs/job"))) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
