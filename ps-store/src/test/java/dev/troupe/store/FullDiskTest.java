package dev.troupe.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of 4 MiB of its own. */
class FullDiskTest {

  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private boolean mounted;
  private BlobStore store;

  @BeforeEach
  void mount() throws Exception {
    mounted = run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", directory.toString()) == 0;
    assumeTrue(mounted, "mounting a small tmpfs needs root (and the right to mount)");
    store = Stores.open(directory);
  }

  @AfterEach
  void unmount() throws Exception {
    if (mounted) {
      run("umount", "-l", directory.toString());
    }
  }

  @Test
  void refusesAtOnceWhatCannotFit() {
    assertThatThrownBy(() -> store.put(ByteBuffer.allocate(6 * MIB)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("disk full: " + directory.resolve("tmp"))
        .hasMessageContaining("needs " + 6 * MIB + " bytes, ")
        .hasMessageContaining("set troupe.store.directory to a larger disk");
  }

  @Test
  void aStreamThatDoesNotFitLeavesNothing() throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();

    assertThatThrownBy(() -> store.put(new ByteArrayInputStream(new byte[6 * MIB])))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("disk full: ")
        .hasMessageContaining(" bytes, " + free + " are free");
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void aSmallBlobThatDoesNotFitLeavesNothing() {
    BlobRef large = store.put(random(7 * MIB / 2));
    ByteBuffer small = random(MIB - 1);

    assertThatThrownBy(() -> store.put(small))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("needs " + (MIB - 1) + " bytes");
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
    store.delete(large);
    assertThat(store.get(store.put(small))).isEqualTo(small);
  }

  @Test
  void aLogGoesOnWhenThereIsSpaceAgain() {
    LogStore logs = LogStore.open(directory, 8 * MIB);
    logs.append("job", "driver", Instant.EPOCH, "first\n");
    BlobRef large = store.put(random(7 * MIB / 2));
    String lines = ("x".repeat(99) + "\n").repeat(7000);

    StoreException full =
        catchThrowableOfType(
            StoreException.class, () -> logs.append("job", "driver", Instant.EPOCH, lines));
    assertThat(full).hasMessageContaining("disk full: " + directory.resolve("logs/job"));
    store.delete(large);
    logs.append("job", "driver", Instant.EPOCH, "second\n");

    assertThat(new String(logs.read("job", 0, MIB).data(), UTF_8))
        .isEqualTo(
            "1970-01-01T00:00:00.000Z driver | first\n1970-01-01T00:00:00.000Z driver | second\n");
  }

  @Test
  void readsFromAReadOnlyDisk() throws Exception {
    BlobRef blob = store.put(random(MIB));
    assertThat(run("mount", "-o", "remount,ro", directory.toString())).isZero();

    try (BlobStore reader = Stores.open(directory)) {
      assertThat(reader.get(blob)).isEqualTo(random(MIB));
      assertThatThrownBy(() -> reader.put(random(2 * MIB)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("cannot write " + directory.resolve("tmp"))
          .hasMessageContaining("Read-only file system");
    }
  }

  private static ByteBuffer random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  private static int run(String... command) throws Exception {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : -1;
    } catch (IOException e) {
      return -1; // there is no such command here
    }
  }
}
