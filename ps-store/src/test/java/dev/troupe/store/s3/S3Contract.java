package dev.troupe.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.cluster.S3Config;
import dev.troupe.cluster.StoreConfig;
import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import dev.troupe.store.BlobStore;
import dev.troupe.store.LogStore;
import dev.troupe.store.Stores;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds of a store on any server that speaks S3. */
@Timeout(120)
abstract class S3Contract {

  static final int MIB = 1 << 20;

  @TempDir Path dir;

  abstract URI endpoint();

  abstract String bucket();

  StoreConfig config(String bucket, String accessKey, Duration timeout, long cacheBytes) {
    try {
      Path credentials =
          Files.writeString(
              dir.resolve("credentials"),
              "[other]\naws_access_key_id = no\n[default]\naws_access_key_id = "
                  + accessKey
                  + "\naws_secret_access_key="
                  + FakeS3.SECRET_KEY
                  + "\n");
      return new StoreConfig(
          dir.resolve("cache"),
          Optional.of(
              new S3Config(
                  bucket,
                  "some/where/",
                  endpoint(),
                  "us-east-1",
                  true,
                  Optional.of(credentials),
                  timeout)),
          cacheBytes,
          Duration.ofDays(1),
          Duration.ofHours(1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  StoreConfig config() {
    return config(bucket(), FakeS3.ACCESS_KEY, Duration.ofSeconds(20), 1L << 30);
  }

  BlobStore open() {
    return Stores.open(config());
  }

  static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  static BlobRef name(byte[] content) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
    return new BlobRef(HexFormat.of().formatHex(hash), content.length);
  }

  /** Around the sizes at which blobs are cached, and sent in parts. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, (1 << 18) - 1, 1 << 18, 16 * MIB, 16 * MIB + 1, 33 * MIB})
  void givesBackWhatWasPutInEachWay(int size) throws Exception {
    byte[] content = random(size);
    Path file = Files.write(dir.resolve("source"), content);
    BlobRef blob = name(content);
    try (BlobStore store = open()) {
      assertThat(store.contains(blob)).isFalse();
      assertThat(store.put(ByteBuffer.wrap(content))).isEqualTo(blob);
      assertStored(store, blob, content);
      assertThat(store.delete(blob)).isTrue();
      assertThat(store.contains(blob)).isFalse();
      assertThat(store.put(file)).isEqualTo(blob);
      assertStored(store, blob, content);
      store.delete(blob);
      assertThat(store.put(new ByteArrayInputStream(content))).isEqualTo(blob);
      assertStored(store, blob, content);
    }
  }

  private static void assertStored(BlobStore store, BlobRef blob, byte[] content)
      throws IOException {
    assertThat(store.contains(blob)).isTrue();
    assertThat(store.get(blob)).isEqualTo(ByteBuffer.wrap(content));
    assertThat(store.get(blob).isReadOnly()).isTrue();
    try (InputStream in = store.open(blob)) {
      assertThat(in.readAllBytes()).isEqualTo(content);
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void saysWhatIsMissing() {
    BlobRef blob = new BlobRef("ab".repeat(32), 7);
    try (BlobStore store = open()) {
      assertThatThrownBy(() -> store.get(blob))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("no object s3://" + bucket() + "/some/where/blobs/" + blob.sha256())
          .hasMessageContaining("expected: 7 bytes")
          .hasMessageContaining("the same troupe.store.url");
      assertThat(store.delete(blob)).isFalse();
    }
  }

  @Test
  void aMissingBucketIsSaidAtTheStart() {
    StoreConfig config =
        config("no-such-bucket", FakeS3.ACCESS_KEY, Duration.ofSeconds(5), 1L << 30);
    assertThatThrownBy(() -> Stores.open(config))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("there is no bucket 'no-such-bucket'")
        .hasMessageContaining("troupe.store.url");
  }

  @Test
  void aStoreBelongsToTheClusterThatCameFirst() {
    try (BlobStore one = open();
        BlobStore two = open()) {
      assertThat(one.claim("one")).isEqualTo("one");
      assertThat(two.claim("two")).isEqualTo("one");
    }
  }

  @Test
  void equalContentIsSentOnce() throws Exception {
    byte[] content = "once".getBytes(UTF_8);
    try (BlobStore store = open()) {
      assertThat(store.put(ByteBuffer.wrap(content))).isEqualTo(name(content));
      assertThat(store.put(ByteBuffer.wrap(content))).isEqualTo(name(content));
      assertStored(store, name(content), content);
    }
  }

  @Test
  void logsAreWrittenOnAndReadByOthers() {
    LogStore one = LogStore.open(config(), 1 << 20);
    one.append("job", Instant.EPOCH, List.of(new LogStore.Lines("a", "1\n2\n")));
    one.append("job", "b", Instant.EPOCH, "3\n");
    one.append(
        "errors", Instant.EPOCH, List.of(new LogStore.Lines("e", "<Error><Code>X</Code>\n")));
    LogStore two = LogStore.open(config(), 1 << 20);
    assertThat(all(two, "job")).isEqualTo(line("a", "1") + line("a", "2") + line("b", "3"));
    assertThat(all(two, "errors")).isEqualTo(line("e", "<Error><Code>X</Code>"));
    two.append("job", "c", Instant.EPOCH, "4\n");
    one.append("other", "a", Instant.EPOCH, "not this\n");

    LogStore three = LogStore.open(config(), 1 << 20);
    assertThat(all(three, "job"))
        .isEqualTo(line("a", "1") + line("a", "2") + line("b", "3") + line("c", "4"));
    long tail = three.tailOffset("job", 1);
    assertThat(new String(three.read("job", tail, 100).data(), UTF_8)).isEqualTo(line("c", "4"));
    three.delete("job");
    assertThat(all(LogStore.open(config(), 1 << 20), "job")).isEmpty();
  }

  @Test
  void aLogHasALimitAndSaysWhatIsGone() {
    LogStore logs = LogStore.open(config(), 1 << 16);
    String text = "x".repeat(1000) + "\n";
    for (int i = 0; i < 100; i++) {
      logs.append("job", "a", Instant.EPOCH, text);
    }
    String kept = all(LogStore.open(config(), 1 << 16), "job");
    assertThat(kept).startsWith("-- ").contains(" bytes of log were dropped here");
    assertThat(kept.length()).isBetween(1 << 15, 1 << 16);
    assertThat(kept).endsWith(line("a", "x".repeat(1000)));
    logs.delete("job");
  }

  private static String line(String source, String text) {
    return "1970-01-01T00:00:00.000Z " + source + " | " + text + "\n";
  }

  private static String all(LogStore logs, String job) {
    StringBuilder text = new StringBuilder();
    LogStore.Chunk chunk = logs.read(job, 0, 5_000);
    while (chunk.data().length > 0) {
      text.append(new String(chunk.data(), UTF_8));
      chunk = logs.read(job, chunk.nextOffset(), 5_000);
    }
    return text.toString();
  }
}
