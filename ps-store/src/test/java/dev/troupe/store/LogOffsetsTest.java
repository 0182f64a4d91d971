package dev.troupe.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.store.LogStore.Chunk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;

/** Whatever is written and read in whatever pieces, a reader gets each kept byte once, in order. */
class LogOffsetsTest {

  private static final Instant TIME = Instant.parse("2026-11-23T22:00:00Z");

  private Path directory;
  private LogStore logs;

  /** All that was ever written. */
  private final StringBuilder model = new StringBuilder();

  @BeforeTry
  void open() throws IOException {
    directory = Files.createTempDirectory("log-offsets");
    logs = LogStore.open(directory, LogStore.MIN_BYTES_PER_JOB);
    model.setLength(0);
  }

  @AfterTry
  void close() throws IOException {
    logs.delete("job");
    Files.delete(directory.resolve("logs"));
    Files.delete(directory);
  }

  /**
   * @param steps above 0: a line of so much text is written; below: a chunk of at most so many
   *     bytes is read
   */
  @Property(tries = 60)
  void aFollowerGetsEachKeptByteOnce(
      @ForAll @Size(min = 1, max = 150) List<@IntRange(min = -600, max = 450) Integer> steps) {
    append(1);
    long offset = 0;
    for (int step : steps) {
      if (step >= 0) {
        append(step);
      } else {
        offset = read(offset, -step);
      }
    }
    while (offset < model.length()) {
      offset = read(offset, 100);
    }
    assertThat(logs.read("job", offset, 100).data()).isEmpty();
  }

  @Property(tries = 40)
  void anyKeptOffsetIsAStart(
      @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 450) Integer> lines,
      @ForAll @IntRange(min = 1, max = 5000) int maxBytes,
      @ForAll @IntRange(min = 0, max = 4096) int back) {
    lines.forEach(this::append);
    long first = logs.read("job", 0, 1).nextOffset() == 1 ? 0 : logs.read("job", 0, 1).nextOffset();
    assertThat(model.length() - first).isLessThanOrEqualTo(LogStore.MIN_BYTES_PER_JOB);

    long offset = Math.max(first, model.length() - back);
    while (offset < model.length()) {
      offset = read(offset, maxBytes);
    }
    assertThat(offset).isEqualTo(model.length());
  }

  @Property(tries = 40)
  void theTailIsTheLastLines(
      @ForAll @Size(min = 1, max = 40) List<@IntRange(min = 0, max = 100) Integer> lines,
      @ForAll @IntRange(min = 1, max = 50) int wanted) {
    lines.forEach(this::append);

    String tail = model.substring((int) logs.tailOffset("job", wanted));

    assertThat(tail.lines().count()).isGreaterThanOrEqualTo(Math.min(wanted, lines.size()));
    if (logs.tailOffset("job", wanted) > 0) {
      assertThat(tail.lines().count()).isEqualTo(wanted);
    }
  }

  private void append(int length) {
    logs.append("job", "task", TIME, "x".repeat(length) + "\n");
    model.append("2026-11-23T22:00:00.000Z task | ").append("x".repeat(length)).append('\n');
  }

  private long read(long offset, int maxBytes) {
    Chunk chunk = logs.read("job", offset, maxBytes);
    String data = new String(chunk.data(), UTF_8);
    if (data.startsWith("--")) {
      assertThat(data).startsWith("-- " + (chunk.nextOffset() - offset) + " bytes");
      assertThat(model.charAt((int) chunk.nextOffset() - 1)).isEqualTo('\n');
    } else {
      assertThat(chunk.data().length).isLessThanOrEqualTo(maxBytes);
      assertThat(data).isEqualTo(model.substring((int) offset, (int) chunk.nextOffset()));
      assertThat(data.isEmpty()).isEqualTo(offset == model.length());
    }
    return chunk.nextOffset();
  }
}
