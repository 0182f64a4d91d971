package dev.troupe.worker.internal;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.troupe.core.BlobRef;
import dev.troupe.core.Communicator;
import dev.troupe.core.Json;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Brings together on every rank which files all ranks have written to the store. */
final class FileLists {

  private final Communicator communicator;

  FileLists(Communicator communicator) {
    this.communicator = communicator;
  }

  /**
   * The files of all ranks. Collective.
   *
   * @throws IllegalArgumentException if two ranks wrote a file of the same name
   */
  SortedMap<String, BlobRef> gather(Map<String, BlobRef> mine) {
    byte[] own = Json.write(mine).getBytes(StandardCharsets.UTF_8);
    int size = communicator.size();
    ByteBuffer lengths = GangRankContext.direct(size * Integer.BYTES);
    lengths.putInt(communicator.rank() * Integer.BYTES, own.length);
    communicator.allGather(lengths, Integer.BYTES);
    int longest = 0;
    for (int rank = 0; rank < size; rank++) {
      longest = Math.max(longest, lengths.getInt(rank * Integer.BYTES));
    }
    ByteBuffer lists = GangRankContext.direct(Math.multiplyExact(size, longest));
    lists.put(communicator.rank() * longest, own);
    communicator.allGather(lists, 1);
    SortedMap<String, BlobRef> all = new TreeMap<>();
    for (int rank = 0; rank < size; rank++) {
      byte[] list = new byte[lengths.getInt(rank * Integer.BYTES)];
      lists.get(rank * longest, list);
      add(all, new String(list, StandardCharsets.UTF_8), rank);
    }
    return all;
  }

  private static void add(Map<String, BlobRef> all, String list, int rank) {
    var type =
        Json.mapper().getTypeFactory().constructType(new TypeReference<Map<String, BlobRef>>() {});
    Map<?, ?> files = (Map<?, ?>) Json.read(list, type);
    files.forEach(
        (name, blob) -> {
          if (all.put((String) name, (BlobRef) blob) != null) {
            throw new IllegalArgumentException(
                "checkpoint file '%s' is written by rank %d and by one before it"
                    .formatted(name, rank));
          }
        });
  }
}
