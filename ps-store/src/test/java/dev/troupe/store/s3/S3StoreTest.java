package dev.troupe.store.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.cluster.StoreConfig;
import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import dev.troupe.store.BlobStore;
import dev.troupe.store.CheckpointManifest;
import dev.troupe.store.Checkpoints;
import dev.troupe.store.GcReport;
import dev.troupe.store.References;
import dev.troupe.store.Stores;
import dev.troupe.store.s3.FakeS3.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A store on a server in this process, which misbehaves. */
class S3StoreTest extends S3Contract {

  private static final String PREFIX = "some/where/";

  private FakeS3 server;

  @BeforeEach
  void startServer() {
    server = new FakeS3();
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  @Override
  URI endpoint() {
    return server.endpoint();
  }

  @Override
  String bucket() {
    return FakeS3.BUCKET;
  }

  private static String key(BlobRef blob) {
    return PREFIX + "blobs/" + blob.sha256();
  }

  private static String trashKey(BlobRef blob) {
    return PREFIX + "trash/" + blob.sha256();
  }

  private static BlobRef put(BlobStore store, String content) {
    return store.put(ByteBuffer.wrap(content.getBytes(UTF_8)));
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"BUSY", "CUT", "DONE_AND_CUT"})
  void aWriteIsTriedAgain(Fault fault) throws Exception {
    byte[] content = random(33 * MIB);
    try (BlobStore store = open()) {
      for (String request :
          List.of(
              "HEAD " + PREFIX,
              "POST " + key(name(content)) + "?uploads",
              "PUT " + key(name(content)) + "?partNumber",
              "POST " + key(name(content)) + "?uploadId",
              "PUT " + key(name("small".getBytes(UTF_8))))) {
        server.plan(fault, request);
      }
      BlobRef large = store.put(ByteBuffer.wrap(content));
      BlobRef small = put(store, "small");

      assertThat(server.allFaultsMet()).isTrue();
      assertThat(server.objects.get(key(large)).content).isEqualTo(content);
      assertThat(server.objects.get(key(small)).content).hasSize(5);
    }
  }

  @Test
  void aCopyThatFailsLateIsTriedAgain() {
    try (BlobStore store = open()) {
      BlobRef blob = put(store, "again");
      server.age(key(blob), Duration.ofHours(2));
      server.plan(Fault.FAILED_LATE, "PUT " + key(blob));

      put(store, "again");

      assertThat(server.allFaultsMet()).isTrue();
      assertThat(server.objects.get(key(blob)).modified)
          .isAfter(Instant.now().minus(Duration.ofMinutes(5)));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"BUSY", "CUT", "TRUNCATED"})
  void aReadGoesOnWhereItBroke(Fault fault) throws Exception {
    byte[] content = random(4 * MIB);
    try (BlobStore store = open()) {
      BlobRef blob = store.put(ByteBuffer.wrap(content));
      for (int i = 0; i < 3; i++) {
        server.plan(fault, "GET " + key(blob));
      }
      try (InputStream in = store.open(blob)) {
        assertThat(in.readAllBytes()).isEqualTo(content);
      }
      assertThat(server.allFaultsMet()).isTrue();
      server.plan(fault, "GET " + key(blob));
      assertThat(store.get(blob)).isEqualTo(ByteBuffer.wrap(content));
    }
  }

  @Test
  void aServerThatDoesNotAnswerIsGivenUp() {
    StoreConfig config = config(bucket(), FakeS3.ACCESS_KEY, Duration.ofSeconds(2), 1L << 30);
    try (BlobStore store = Stores.open(config)) {
      BlobRef blob = put(store, "there");
      server.plan(Fault.SILENT, "GET " + key(blob));
      assertThat(store.get(blob).remaining()).isEqualTo(5);
      for (int i = 0; i < 20; i++) {
        server.plan(Fault.SILENT, "HEAD " + key(blob));
      }
      assertThatThrownBy(() -> store.get(blob))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("HEAD s3://tests/" + key(blob))
          .hasMessageContaining("given up after")
          .hasMessageContaining(endpoint() + " up and reachable? (troupe.store.s3.timeout: 2 s)");
    }
  }

  @Test
  void aServerThatIsAwayIsGivenUp() {
    BlobStore store =
        Stores.open(config(bucket(), FakeS3.ACCESS_KEY, Duration.ofSeconds(1), 1L << 30));
    server.close();
    assertThatThrownBy(() -> put(store, "lost"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("given up after")
        .hasMessageContaining("troupe.store.s3.timeout: 1 s");
  }

  @Test
  void wrongCredentialsAreSaidAtTheStartAndNeverShown() {
    StoreConfig config = config(bucket(), "AKIDOTHER", Duration.ofSeconds(5), 1L << 30);
    assertThatThrownBy(() -> Stores.open(config))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("403 InvalidAccessKeyId")
        .hasMessageContaining("check the credentials (troupe.store.s3.credentials-file")
        .hasMessageNotContaining(FakeS3.SECRET_KEY);
    assertThat(server.requests).as("a refusal is no fault").hasSize(1);
  }

  @Test
  void anUploadThatFailsLeavesNoParts() throws Exception {
    byte[] content = random(33 * MIB);
    try (BlobStore store =
        Stores.open(config(bucket(), FakeS3.ACCESS_KEY, Duration.ofSeconds(1), 1L << 30))) {
      for (int i = 0; i < 30; i++) {
        server.plan(Fault.BUSY, "PUT " + key(name(content)) + "?partNumber");
      }
      assertThatThrownBy(() -> store.put(ByteBuffer.wrap(content)))
          .hasMessageContaining("status 503 SlowDown");
      assertThat(server.uploads).isEmpty();
      assertThat(store.contains(name(content))).isFalse();
    }
  }

  @Test
  void damagedContentIsNotGivenOut() {
    try (BlobStore store = open()) {
      BlobRef blob = store.put(ByteBuffer.wrap(random(MIB)));
      byte[] damaged = random(MIB);
      damaged[MIB - 1] ^= 1;
      server.objects.put(key(blob), new FakeS3.Stored(damaged));

      assertThatThrownBy(() -> store.get(blob))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("s3://tests/" + key(blob) + " is corrupt");
      assertThatThrownBy(() -> store.open(blob).readAllBytes())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is corrupt");
      server.objects.put(key(blob), new FakeS3.Stored(new byte[7]));
      assertThatThrownBy(() -> store.get(blob)).hasMessageContaining("holds 7 bytes");
    }
  }

  @Test
  void whatWasReadIsKeptHereUpToALimit() throws Exception {
    StoreConfig config = config(bucket(), FakeS3.ACCESS_KEY, Duration.ofSeconds(20), 5L * MIB);
    List<BlobRef> blobs = new ArrayList<>();
    try (BlobStore store = Stores.open(config)) {
      for (int i = 0; i < 8; i++) {
        blobs.add(store.put(ByteBuffer.wrap(random(MIB + i))));
      }
      assertThat(store.get(blobs.get(0)).remaining()).isEqualTo(MIB);
      int asked = server.requests.size();
      assertThat(store.get(blobs.get(0)).remaining()).isEqualTo(MIB);
      assertThat(server.requests).as("not asked again").hasSize(asked);
      for (BlobRef blob : blobs) {
        assertThat(store.get(blob)).isEqualTo(ByteBuffer.wrap(random((int) blob.bytes())));
      }
      assertThat(copies()).hasSizeBetween(4, 5);
      Path newest = copies().stream().max(this::older).orElseThrow();
      Files.write(newest, new byte[] {1});
      BlobRef last = blobs.get(7);
      assertThat(store.get(last)).as("a damaged copy").isEqualTo(ByteBuffer.wrap(random(MIB + 7)));
    }
  }

  private List<Path> copies() throws IOException {
    try (Stream<Path> files = Files.walk(dir.resolve("cache/blobs"))) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private int older(Path one, Path other) {
    return Long.compare(one.toFile().lastModified(), other.toFile().lastModified());
  }

  @Test
  void collectsByWayOfTheTrashAndGivesBackWhatIsRead() throws Exception {
    try (BlobStore store = open()) {
      BlobRef weights = put(store, "weights");
      BlobRef manifest =
          Checkpoints.save(
              store, new CheckpointManifest(1, 1, new TreeMap<>(Map.of("weights", weights))));
      BlobRef orphan = put(store, "orphan");
      BlobRef wanted = put(store, "wanted after all");
      BlobRef young = put(store, "young");
      for (BlobRef blob : List.of(weights, manifest, orphan, wanted)) {
        server.age(key(blob), Duration.ofDays(2));
      }
      References references = new References(Set.of(manifest.sha256()), Set.of(), Instant.now());

      assertThat(store.collect(() -> references, Duration.ofDays(1)))
          .isEqualTo(new GcReport(3, 2, 0, 0, 0, false));
      assertThat(server.objects).containsKeys(trashKey(orphan), trashKey(wanted));
      assertThat(store.get(wanted).remaining()).isEqualTo(16);
      assertThat(server.objects).containsKey(key(wanted)).doesNotContainKey(trashKey(wanted));
      server.age(trashKey(orphan), Duration.ofHours(2));
      assertThat(store.collect(() -> references, Duration.ofDays(1)).removed()).isEqualTo(1);
      assertThat(server.objects.keySet())
          .containsExactlyInAnyOrder(key(weights), key(manifest), key(wanted), key(young));
    }
  }

  @ParameterizedTest
  @CsvSource({"credentials, 'aws_access_key_id = a', aws_secret_access_key"})
  void halfCredentialsAreAnError(String file, String content, String missing) throws Exception {
    StoreConfig config = config();
    Files.writeString(dir.resolve(file), content);
    assertThatThrownBy(() -> Stores.open(config))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("troupe.store.s3.credentials-file: " + dir.resolve(file))
        .hasMessageContaining(missing);
  }
}
