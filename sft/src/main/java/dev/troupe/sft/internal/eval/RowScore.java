package dev.troupe.sft.internal.eval;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Json;
import dev.troupe.core.Store;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How one row went; a line of {@code items.jsonl}.
 *
 * @param row from 0, over all files
 * @param metrics figures by name
 * @param details what they come from
 */
public record RowScore(int row, Map<String, Double> metrics, Map<String, Object> details) {

  /** Puts rows into the store, a line each. */
  static BlobRef save(Store store, List<RowScore> rows) {
    String lines = rows.stream().map(row -> Json.write(row) + "\n").collect(Collectors.joining());
    return store.put(ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8)));
  }

  /** Reads {@link #save} back. */
  static List<RowScore> load(Store store, BlobRef blob) {
    String text = StandardCharsets.UTF_8.decode(store.get(blob)).toString();
    return text.lines().map(line -> Json.read(line, RowScore.class)).toList();
  }
}
