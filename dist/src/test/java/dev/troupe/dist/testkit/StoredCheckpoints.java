package dev.troupe.dist.testkit;

import dev.troupe.core.BlobRef;
import dev.troupe.core.StoreException;
import dev.troupe.store.CheckpointManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** Finds the checkpoints in a store's directory, and the files that they consist of. */
public final class StoredCheckpoints {

  private static final long LONGEST_MANIFEST = 1 << 16;

  private final Path blobs;

  public StoredCheckpoints(Path store) {
    this.blobs = store.resolve("blobs");
  }

  /** All checkpoints that are complete, by the blob of their manifest. */
  public Map<BlobRef, CheckpointManifest> all() {
    Map<BlobRef, CheckpointManifest> found = new HashMap<>();
    try (Stream<Path> files = Files.walk(blobs)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.size(file) < LONGEST_MANIFEST) {
          addIfManifest(file, found);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found;
  }

  private static void addIfManifest(Path file, Map<BlobRef, CheckpointManifest> found)
      throws IOException {
    try {
      CheckpointManifest manifest = CheckpointManifest.fromBytes(Files.readAllBytes(file));
      found.put(blob(file), manifest);
    } catch (StoreException e) {
      return; // a blob of another kind
    }
  }

  /** The file of the largest blob of a step's checkpoint. */
  public Path largestFile(long step) {
    BlobRef largest =
        all().values().stream()
            .filter(manifest -> manifest.step() == step)
            .flatMap(manifest -> manifest.files().values().stream())
            .max(Comparator.comparingLong(BlobRef::bytes))
            .orElseThrow(() -> new AssertionError("no checkpoint of step " + step));
    return file(largest);
  }

  /** Where a blob is. */
  public Path file(BlobRef blob) {
    return blobs.resolve(blob.sha256().substring(0, 2)).resolve(blob.sha256().substring(2));
  }

  private static BlobRef blob(Path file) throws IOException {
    String name = file.getParent().getFileName().toString() + file.getFileName();
    return new BlobRef(name, Files.size(file));
  }
}
