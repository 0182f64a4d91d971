package dev.troupe.sft.internal.eval;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Json;
import dev.troupe.core.Store;
import dev.troupe.lm.Example;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The rows of one task, as a blob: all workers see the same rows, also when the files are not
 * theirs or change.
 *
 * @param first the first row's place among all, from 0
 * @param questions empty if the rows are tokens
 * @param tokens rows whose loss is measured
 */
record Chunk(int first, List<Question> questions, List<Tokens> tokens) {

  /**
   * An example.
   *
   * @param counted places of the tokens that count
   */
  record Tokens(List<Integer> ids, List<Integer> counted) {

    static Tokens of(Example example) {
      List<Integer> counted =
          IntStream.range(0, example.length()).filter(t -> example.counted()[t]).boxed().toList();
      return new Tokens(IntStream.of(example.tokens()).boxed().toList(), counted);
    }

    Example example() {
      boolean[] marks = new boolean[ids.size()];
      counted.forEach(t -> marks[t] = true);
      return new Example(ids.stream().mapToInt(Integer::intValue).toArray(), marks);
    }
  }

  BlobRef save(Store store) {
    return store.put(ByteBuffer.wrap(Json.write(this).getBytes(StandardCharsets.UTF_8)));
  }

  static Chunk load(Store store, BlobRef blob) {
    return Json.read(StandardCharsets.UTF_8.decode(store.get(blob)).toString(), Chunk.class);
  }
}
