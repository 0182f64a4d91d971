package dev.troupe.sft.internal;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.Store;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A training run's whole state after a step, in the store: another gang may go on from it.
 *
 * @param files by the names that the trainer gave them
 */
public record Snapshot(long step, Map<String, BlobRef> files) {

  public Snapshot {
    files = new TreeMap<>(files);
  }

  /** As the trainer reads it. */
  Checkpoint in(Store store) {
    return new Stored(this, store);
  }

  private record Stored(Snapshot snapshot, Store store) implements Checkpoint {
    @Override
    public long step() {
      return snapshot.step();
    }

    @Override
    public Set<String> files() {
      return snapshot.files().keySet();
    }

    @Override
    public ByteBuffer read(String file) {
      return store.get(snapshot.files().get(file));
    }
  }
}
