package dev.troupe.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Collecting blobs that nobody needs, on a directory. */
@Timeout(60)
class CollectTest {

  private static final Duration AGE = Duration.ofDays(1);
  private static final Duration OLD = Duration.ofDays(2);

  @TempDir Path directory;
  private BlobStore store;
  private final Set<String> named = new HashSet<>();
  private final Set<String> superseded = new HashSet<>();
  private Instant openSince = Instant.now();

  @BeforeEach
  void open() {
    store = Stores.open(directory);
  }

  private GcReport collect() {
    Supplier<References> references =
        () -> new References(Set.copyOf(named), Set.copyOf(superseded), openSince);
    return store.collect(references, AGE);
  }

  private BlobRef put(String content) {
    return store.put(ByteBuffer.wrap(content.getBytes(UTF_8)));
  }

  private BlobRef old(String content) throws IOException {
    BlobRef blob = put(content);
    age(path(blob), OLD);
    return blob;
  }

  private static void age(Path file, Duration by) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(by)));
  }

  private Path path(BlobRef blob) {
    String name = blob.sha256();
    return directory.resolve("blobs").resolve(name.substring(0, 2)).resolve(name.substring(2));
  }

  private Path trashed(BlobRef blob) {
    return directory.resolve("trash").resolve(blob.sha256());
  }

  @Test
  void whatNobodyNamesGoesToTheTrashAndLaterForGood() throws IOException {
    BlobRef garbage = old("garbage");
    BlobRef artifact = old("artifact");
    BlobRef young = put("young");
    old("again");
    BlobRef again = put("again");
    named.add(artifact.sha256());

    assertThat(collect()).isEqualTo(new GcReport(3, 1, 0, 0, 0, false));
    assertThat(trashed(garbage)).hasContent("garbage");
    assertThat(collect()).as("at once").isEqualTo(new GcReport(3, 0, 0, 0, 0, false));
    age(trashed(garbage), Duration.ofMinutes(61));
    assertThat(collect()).isEqualTo(new GcReport(3, 0, 0, 1, 7, false));

    assertThat(store.contains(garbage)).isFalse();
    assertThat(List.of(artifact, young, again)).allMatch(store::contains);
    assertThat(directory.resolve("trash")).isEmptyDirectory();
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void whatANamedBlobNamesStaysToo() throws IOException {
    BlobRef file = old("weights");
    BlobRef shared = old("tokenizer");
    BlobRef part = old("part");
    BlobRef list = old("[{\"sha256\": \"" + part.sha256() + "\", \"bytes\": 4}]");
    named.add(manifest(1, file, shared).sha256());
    named.add(list.sha256());
    BlobRef orphan = manifest(2, old("other weights"), shared);

    assertThat(collect().trashed()).isEqualTo(2);

    assertThat(List.of(file, shared, part, list)).allMatch(blob -> Files.exists(path(blob)));
    assertThat(trashed(orphan)).exists();
  }

  private BlobRef manifest(long step, BlobRef... files) throws IOException {
    TreeMap<String, BlobRef> byName = new TreeMap<>();
    for (BlobRef file : files) {
      byName.put("file-" + byName.size(), file);
    }
    BlobRef blob = Checkpoints.save(store, new CheckpointManifest(step, 1, byName));
    age(path(blob), OLD);
    return blob;
  }

  @Test
  void whatWasPutSinceAnOpenJobWasAcceptedStays() throws IOException {
    BlobRef before = old("before");
    BlobRef during = old("during");
    age(path(before), Duration.ofHours(60));
    openSince = Instant.now().minus(Duration.ofHours(50));

    assertThat(collect().trashed()).isEqualTo(1);

    assertThat(trashed(before)).exists();
    assertThat(path(during)).exists();
    age(trashed(before), Duration.ofHours(49));
    assertThat(collect().removed()).as("trashed since then").isZero();
  }

  @Test
  void aSupersededCheckpointGoesWhileItsJobIsOpenButForWhatItShares() throws IOException {
    BlobRef shared = old("shared");
    BlobRef first = old("first");
    BlobRef gone = manifest(1, first, shared);
    BlobRef kept = manifest(2, old("second"), shared);
    superseded.add(gone.sha256());
    named.add(kept.sha256());
    openSince = Instant.now().minus(Duration.ofDays(9));

    assertThat(collect()).isEqualTo(new GcReport(3, 2, 0, 0, 0, false));
    assertThat(List.of(gone, first)).allMatch(blob -> Files.exists(trashed(blob)));
    age(trashed(gone), Duration.ofHours(2));
    age(trashed(first), Duration.ofHours(2));
    assertThat(collect().removed()).isEqualTo(2);
    assertThat(Checkpoints.open(store, kept).files()).hasSize(2);
  }

  @Test
  void whoeverReadsWhatIsInTheTrashGetsItBack() throws IOException {
    List<BlobRef> blobs = List.of(old("get"), old("open"), old("contains"), old("named later"));
    assertThat(collect().trashed()).isEqualTo(4);

    assertThat(store.get(blobs.get(0)).remaining()).isEqualTo(3);
    try (InputStream in = store.open(blobs.get(1))) {
      assertThat(in.readAllBytes()).isEqualTo("open".getBytes(UTF_8));
    }
    assertThat(store.contains(blobs.get(2))).isTrue();
    named.add(blobs.get(3).sha256());
    assertThat(collect().restored()).isEqualTo(1);

    assertThat(blobs).allMatch(blob -> Files.exists(path(blob)));
  }

  @Test
  void aReferenceWrittenWhileTheStoreIsLookedThroughCounts() throws IOException {
    BlobRef blob = old("just named");
    List<References> readings = new ArrayList<>();
    readings.add(new References(Set.of(), Set.of(), openSince));
    readings.add(new References(Set.of(blob.sha256()), Set.of(), openSince));

    GcReport report = store.collect(() -> readings.remove(0), AGE);

    assertThat(report).isEqualTo(new GcReport(1, 0, 0, 0, 0, false));
    assertThat(path(blob)).exists();
  }

  @Test
  void nothingGoesWhenTheReferencesCannotBeRead() throws IOException {
    BlobRef blob = old("precious");

    assertThatThrownBy(
            () ->
                store.collect(
                    () -> {
                      throw new StoreException("the journal is away");
                    },
                    AGE))
        .hasMessage("the journal is away");

    assertThat(path(blob)).exists();
  }

  /** What a collector that was killed after the move leaves. */
  @Test
  void aBlobThatAKilledCollectorMovedIsFound() throws IOException {
    BlobRef blob = put("made young between the last look and the move");
    Files.move(path(blob), trashed(blob));

    BlobStore other = Stores.open(directory);
    assertThat(other.contains(blob)).isTrue();
    assertThat(path(blob)).exists();
  }

  @Test
  @Timeout(60)
  void aPutBesideCollectionsIsNeverLost() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong trashed = new AtomicLong();
    try {
      Future<?> collector =
          pool.submit(
              () -> {
                while (!done.get()) {
                  trashed.addAndGet(collect().trashed());
                }
              });
      for (int i = 0; i < 500 || trashed.get() < 10; i++) {
        BlobRef blob = put("the same again");
        makeOld(blob);
        assertThat(put("the same again")).isEqualTo(blob);
        assertThat(store.get(blob).remaining()).isEqualTo(14);
      }
      done.set(true);
      collector.get();
    } finally {
      done.set(true);
      pool.shutdownNow();
    }
  }

  private void makeOld(BlobRef blob) throws IOException {
    try {
      age(path(blob), OLD);
    } catch (NoSuchFileException e) {
      return; // on its way to the trash, as it would be later
    }
  }

  @Test
  void aStoreBelongsToTheClusterThatCameFirst() {
    assertThat(store.claim("one")).isEqualTo("one");
    assertThat(store.claim("two")).isEqualTo("one");
    assertThat(Stores.open(directory).claim("one")).isEqualTo("one");
    assertThat(directory.resolve("tmp")).isEmptyDirectory();
  }
}
