package dev.troupe.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobStoreTest {

  private static final int MIB = 1 << 20;

  @TempDir Path directory;
  private BlobStore store;

  @BeforeEach
  void open() {
    store = Stores.open(directory);
  }

  /** Around the sizes at which pieces end and at which files are mapped. */
  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, (1 << 18) - 1, 1 << 18, MIB - 1, MIB, MIB + 1, 2 * MIB, 5 * MIB + 12345})
  void givesBackWhatWasPutInEachWay(int size) throws Exception {
    byte[] content = random(size);
    String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    Path file = Files.write(directory.resolve("source"), content);

    assertThat(store.put(ByteBuffer.wrap(content))).isEqualTo(new BlobRef(hash, size));
    assertStored(new BlobRef(hash, size), content);
    store.delete(new BlobRef(hash, size));
    assertThat(store.put(file)).isEqualTo(new BlobRef(hash, size));
    assertStored(new BlobRef(hash, size), content);
    store.delete(new BlobRef(hash, size));
    assertThat(store.put(new ByteArrayInputStream(content))).isEqualTo(new BlobRef(hash, size));
    assertStored(new BlobRef(hash, size), content);
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
  }

  private void assertStored(BlobRef blob, byte[] content) throws IOException {
    assertThat(store.contains(blob)).isTrue();
    ByteBuffer got = store.get(blob);
    assertThat(got.isReadOnly()).isTrue();
    assertThat(got).isEqualTo(ByteBuffer.wrap(content));
    try (InputStream in = store.open(blob)) {
      assertThat(in.readAllBytes()).isEqualTo(content);
      assertThat(in.read()).isEqualTo(-1);
    }
  }

  @Test
  void leavesTheBufferAsItWas() {
    ByteBuffer content = ByteBuffer.allocateDirect(3 * MIB);
    content.position(10).limit(2 * MIB + 10);

    BlobRef blob = store.put(content);

    assertThat(blob.bytes()).isEqualTo(2 * MIB);
    assertThat(content.position()).isEqualTo(10);
    assertThat(content.limit()).isEqualTo(2 * MIB + 10);
  }

  @Test
  void keepsOneCopyOfEqualContent() throws IOException {
    BlobRef first = store.put(ByteBuffer.wrap(random(2 * MIB)));
    Object inode = Files.getAttribute(path(first), "unix:ino");

    BlobRef second = store.put(ByteBuffer.wrap(random(2 * MIB)));

    assertThat(second).isEqualTo(first);
    assertThat(Files.getAttribute(path(first), "unix:ino")).isEqualTo(inode);
    assertThat(blobs()).isEqualTo(1);
  }

  @Test
  void saysWhatIsMissing() {
    BlobRef blob = new BlobRef("ab".repeat(32), 7);

    assertThat(store.contains(blob)).isFalse();
    assertThatThrownBy(() -> store.get(blob))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("blob " + blob.sha256())
        .hasMessageContaining(path(blob).toString())
        .hasMessageContaining("expected: 7 bytes")
        .hasMessageContaining("run again what wrote it");
    assertThatThrownBy(() -> store.open(blob)).isInstanceOf(StoreException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 2 * MIB})
  void saysWhatIsTruncated(int size) throws IOException {
    BlobRef blob = store.put(ByteBuffer.wrap(random(size)));
    Files.write(path(blob), random(size / 2));

    assertThat(store.contains(blob)).isFalse();
    assertThatThrownBy(() -> store.get(blob))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("blob " + blob.sha256())
        .hasMessageContaining(path(blob) + " holds " + size / 2 + " bytes (expected: " + size + ")")
        .hasMessageContaining("restore the file from a copy");
    assertThatThrownBy(() -> store.open(blob)).isInstanceOf(StoreException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 2 * MIB})
  void findsOneFlippedBit(int size) throws IOException {
    BlobRef blob = store.put(ByteBuffer.wrap(random(size)));
    byte[] damaged = random(size);
    damaged[size - 1] ^= 1;
    Files.write(path(blob), damaged);

    assertThatThrownBy(() -> store.get(blob))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(path(blob) + " is corrupt")
        .hasMessageContaining("expected: " + blob.sha256());
    try (InputStream in = store.open(blob)) {
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is corrupt");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 2 * MIB})
  void replacesADamagedCopy(int size) throws IOException {
    BlobRef blob = store.put(ByteBuffer.wrap(random(size)));
    byte[] damaged = random(size);
    damaged[0] ^= 1;
    Files.write(path(blob), damaged);

    store.put(ByteBuffer.wrap(random(size)));

    assertStored(blob, random(size));
  }

  @Test
  void refusesWhatNoBufferHolds() {
    BlobRef blob = new BlobRef("ab".repeat(32), 1L << 31);

    assertThatThrownBy(() -> store.get(blob))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("stream it with open()");
  }

  @Test
  void leavesNothingWhenTheContentCannotBeRead() {
    InputStream broken =
        new SequenceInputStream(
            new ByteArrayInputStream(new byte[3 * MIB]),
            new InputStream() {
              @Override
              public int read(byte[] into, int offset, int length) throws IOException {
                throw new IOException("the network went away");
              }

              @Override
              public int read() throws IOException {
                return read(new byte[1], 0, 1);
              }
            });

    assertThatThrownBy(() -> store.put(broken))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("the network went away");
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
    assertThatThrownBy(() -> store.put(directory.resolve("nowhere")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void removesWhatDeadWritersLeft() throws IOException {
    Path old = Files.writeString(directory.resolve("tmp/1-old.part"), "half");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofMinutes(61))));
    Path young = Files.writeString(directory.resolve("tmp/2-young.part"), "half");

    Stores.open(directory).close();

    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void deletes() {
    BlobRef blob = store.put(ByteBuffer.wrap(new byte[] {1}));

    assertThat(store.delete(blob)).isTrue();
    assertThat(store.delete(blob)).isFalse();
    assertThat(store.contains(blob)).isFalse();
  }

  @Test
  void saysWhereItCannotBeOpened() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    assertThatThrownBy(() -> Stores.open(file))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void refusesANameThatIsNoHash() {
    assertThatIllegalArgumentException().isThrownBy(() -> new BlobRef("../../etc/passwd", 1));
  }

  private Path path(BlobRef blob) {
    String name = blob.sha256();
    return directory.resolve("blobs").resolve(name.substring(0, 2)).resolve(name.substring(2));
  }

  private long blobs() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("blobs"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
