package dev.troupe.store;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.Store;
import dev.troupe.core.StoreException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Checkpoints as blobs: one a file, and one that names them. */
public final class Checkpoints {

  private Checkpoints() {}

  /** Makes a checkpoint of files that are stored already. */
  public static BlobRef save(Store store, CheckpointManifest manifest) {
    return store.put(ByteBuffer.wrap(manifest.toBytes()));
  }

  /**
   * The checkpoint, every byte of it checked.
   *
   * @throws StoreException naming the file if one is missing, truncated or corrupt
   */
  public static Checkpoint open(Store store, BlobRef manifest) {
    CheckpointManifest content = read(store, manifest);
    SortedMap<String, ByteBuffer> files = new TreeMap<>();
    content
        .files()
        .forEach(
            (name, blob) -> {
              try {
                files.put(name, store.get(blob));
              } catch (StoreException e) {
                throw new StoreException(
                    "checkpoint of step "
                        + content.step()
                        + ", file '"
                        + name
                        + "': "
                        + e.getMessage(),
                    e);
              }
            });
    return new Opened(content.step(), files);
  }

  /**
   * All blobs of a checkpoint, the manifest among them: what must be referenced to keep it.
   *
   * @throws StoreException if the manifest is missing or damaged
   */
  public static Set<BlobRef> blobs(Store store, BlobRef manifest) {
    Set<BlobRef> blobs = new HashSet<>(read(store, manifest).files().values());
    blobs.add(manifest);
    return blobs;
  }

  /**
   * What a checkpoint consists of.
   *
   * @throws StoreException if the manifest is missing or damaged
   */
  public static CheckpointManifest read(Store store, BlobRef manifest) {
    try {
      ByteBuffer content = store.get(manifest);
      byte[] json = new byte[content.remaining()];
      content.get(json);
      return CheckpointManifest.fromBytes(json);
    } catch (StoreException e) {
      throw new StoreException("checkpoint's manifest: " + e.getMessage(), e);
    }
  }

  private record Opened(long step, SortedMap<String, ByteBuffer> content) implements Checkpoint {

    @Override
    public Set<String> files() {
      return Set.copyOf(content.keySet());
    }

    @Override
    public ByteBuffer read(String file) {
      ByteBuffer bytes = content.get(file);
      if (bytes == null) {
        throw new IllegalArgumentException(
            "file: '" + file + "' (expected: one of " + content.keySet() + ")");
      }
      return bytes.asReadOnlyBuffer();
    }
  }
}
