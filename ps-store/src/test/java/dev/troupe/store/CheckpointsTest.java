package dev.troupe.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.StoreException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {

  private static final String HASH = "ab".repeat(32);

  @TempDir Path directory;
  private BlobStore store;

  @BeforeEach
  void open() {
    store = Stores.open(directory);
  }

  @Test
  void comesBackWhole() {
    BlobRef weights = put("weights");
    BlobRef optimizer = put("optimizer/0");
    BlobRef manifest = save(Map.of("weights", weights, "optimizer/0", optimizer));

    Checkpoint checkpoint = Checkpoints.open(store, manifest);

    assertThat(checkpoint.step()).isEqualTo(100);
    assertThat(checkpoint.files()).containsExactlyInAnyOrder("weights", "optimizer/0");
    assertThat(UTF_8.decode(checkpoint.read("weights")).toString()).isEqualTo("weights");
    assertThat(checkpoint.read("weights").remaining()).isEqualTo(7); // each read begins anew
    assertThat(Checkpoints.blobs(store, manifest))
        .containsExactlyInAnyOrder(manifest, weights, optimizer);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> checkpoint.read("weight"))
        .withMessage("file: 'weight' (expected: one of [optimizer/0, weights])");
  }

  @Test
  void namesTheFileThatIsMissing() {
    BlobRef gone = put("gone");
    BlobRef manifest = save(Map.of("weights", put("weights"), "optimizer/1", gone));
    store.delete(gone);

    assertThatThrownBy(() -> Checkpoints.open(store, manifest))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("checkpoint of step 100, file 'optimizer/1': blob " + gone.sha256());
  }

  @Test
  void equalManifestsAreEqualBytes() {
    CheckpointManifest manifest =
        new CheckpointManifest(
            3, 1, new TreeMap<>(Map.of("b", new BlobRef(HASH, 1), "a", new BlobRef(HASH, 1))));

    assertThat(new String(manifest.toBytes(), UTF_8))
        .isEqualTo(
            "{\"step\":3,\"generation\":1,\"files\":{\"a\":{\"sha256\":\"H\",\"bytes\":1},"
                    .replace("H", HASH)
                + "\"b\":{\"sha256\":\"H\",\"bytes\":1}}}".replace("H", HASH));
    assertThat(CheckpointManifest.fromBytes(manifest.toBytes())).isEqualTo(manifest);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "{}",
        "{'step':1,'generation':1}",
        "{'step':1,'generation':1,'files':null}",
        "{'generation':1,'files':{}}",
        "{'step':null,'generation':1,'files':{}}",
        "{'step':'1','generation':1,'files':{}}",
        "{'step':-1,'generation':1,'files':{}}",
        "{'step':1,'step':1,'generation':1,'files':{}}",
        "{'step':1,'generation':1,'files':{},'more':1}",
        "{'step':1,'generation':1,'files':{'a':null}}",
        "{'step':1,'generation':1,'files':{'a':{'sha256':'short','bytes':1}}}",
        "{'step':1,'generation':1,'files':{'a':{'sha256':'HASH'}}}",
        "{'step':1,'generation':1,'files':{}} more",
      })
  void refusesWhatIsNoManifest(String json) {
    byte[] bytes = json.replace('\'', '"').replace("HASH", HASH).getBytes(UTF_8);

    assertThatThrownBy(() -> CheckpointManifest.fromBytes(bytes))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("not a checkpoint's manifest");
    assertThatThrownBy(() -> Checkpoints.open(store, store.put(ByteBuffer.wrap(bytes))))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith("checkpoint's manifest: not a checkpoint's manifest");
  }

  private BlobRef put(String content) {
    return store.put(ByteBuffer.wrap(content.getBytes(UTF_8)));
  }

  private BlobRef save(Map<String, BlobRef> files) {
    return Checkpoints.save(store, new CheckpointManifest(100, 2, new TreeMap<>(files)));
  }
}
