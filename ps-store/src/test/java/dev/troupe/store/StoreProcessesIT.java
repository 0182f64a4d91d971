package dev.troupe.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.core.BlobRef;
import dev.troupe.store.LogStore.Chunk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several processes on one directory, and processes that die. */
@Timeout(60)
class StoreProcessesIT {

  private static final int BLOBS = 25;

  @TempDir Path directory;

  @Test
  void twoProcessesWriteTheSameBlobsAtOnce() throws Exception {
    Supplier<References> nothingNamed =
        () -> new References(Set.of(), Set.of(), Instant.now().plus(Duration.ofDays(1)));
    try (StoreProcess first = new StoreProcess(directory, "blobs", BLOBS);
        StoreProcess second = new StoreProcess(directory, "blobs", BLOBS);
        BlobStore store = Stores.open(directory)) {
      for (int i = 0; i < BLOBS; i++) {
        String hash = first.next();
        assertThat(second.next()).isEqualTo(hash);
        assertThat(store.get(new BlobRef(hash, StoreProcess.content(i).length)))
            .isEqualTo(ByteBuffer.wrap(StoreProcess.content(i)));
        assertThat(store.collect(nothingNamed, Duration.ofHours(1)).trashed()).isZero();
      }
      assertThat(first.exitCode()).isZero();
      assertThat(second.exitCode()).isZero();
    }
    assertThat(blobs()).hasSize(BLOBS);
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
  }

  @RepeatedTest(4)
  void aKilledWriterLeavesWholeBlobsOnly(RepetitionInfo repetition) throws Exception {
    List<String> announced = new ArrayList<>();
    try (StoreProcess writer = new StoreProcess(directory, "blobs", 10_000)) {
      int killAfter = 1 + new Random(repetition.getCurrentRepetition()).nextInt(30);
      while (announced.size() < killAfter) {
        announced.add(writer.next());
      }
      writer.kill();
    }

    for (Path file : blobs()) {
      String name = file.getParent().getFileName().toString() + file.getFileName();
      assertThat(sha256(file)).isEqualTo(name);
    }
    BlobStore store = Stores.open(directory);
    for (int i = 0; i < announced.size(); i++) {
      byte[] content = StoreProcess.content(i);
      assertThat(store.get(new BlobRef(announced.get(i), content.length)))
          .isEqualTo(ByteBuffer.wrap(content));
    }
    try (Stream<Path> files = Files.list(directory.resolve("tmp"))) {
      for (Path leftover : files.toList()) {
        Files.setLastModifiedTime(
            leftover, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
      }
    }
    Stores.open(directory).close();
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
  }

  @RepeatedTest(3)
  void aKilledWriterTearsNoLine(RepetitionInfo repetition) throws Exception {
    int announced = 0;
    try (StoreProcess writer = new StoreProcess(directory, "log", 1_000_000)) {
      int killAfter = 50 + new Random(repetition.getCurrentRepetition()).nextInt(1000);
      while (announced < killAfter) {
        announced = Integer.parseInt(writer.next());
      }
      writer.kill();
    }

    LogStore logs = LogStore.open(directory, 1L << 30);
    logs.append("job", "task", Instant.EPOCH, "after\n");
    List<String> lines = read(logs).lines().toList();

    String prefix = "1970-01-01T00:00:00.000Z task | ";
    assertThat(lines).hasSizeGreaterThan(announced).last().isEqualTo(prefix + "after");
    for (int i = 0; i < announced; i++) {
      assertThat(lines.get(i)).isEqualTo(prefix + StoreProcess.line(i));
    }
    int unannounced = lines.size() - 1;
    for (int i = announced; i < unannounced - 1; i++) {
      assertThat(lines.get(i)).isEqualTo(prefix + StoreProcess.line(i));
    }
    // Only the very last before the kill may be a part of a line, and it ends like one.
    assertThat(prefix + StoreProcess.line(unannounced - 1)).startsWith(lines.get(unannounced - 1));
  }

  private static String read(LogStore logs) {
    StringBuilder text = new StringBuilder();
    Chunk chunk = logs.read("job", 0, 1 << 20);
    while (chunk.data().length > 0) {
      text.append(new String(chunk.data(), UTF_8));
      chunk = logs.read("job", chunk.nextOffset(), 1 << 20);
    }
    return text.toString();
  }

  private List<Path> blobs() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("blobs"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private static String sha256(Path file) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(hash);
  }
}
