package dev.troupe.lm.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.lm.LmConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Rows of tokens that grow together, with each block's keys and values of what is there. Prompts
 * are padded on the left to one length, so that all rows write to the same place of the cache; a
 * mask hides the padding, and positions count from each row's own first token.
 */
final class KeyValueCache implements AutoCloseable {

  private final Transformer transformer;
  private final NDManager manager;
  private final List<int[]> prompts;
  private final int longest;
  private int rows;
  private NDArray padding;
  private final List<NDArray> caches;
  private int filled;

  /**
   * Of prompts, none of them empty.
   *
   * @param mostNewTokens how many ids each row may grow by
   */
  KeyValueCache(LmConfig config, Transformer transformer, List<int[]> prompts, int mostNewTokens) {
    this.transformer = transformer;
    this.prompts = prompts;
    rows = prompts.size();
    manager = transformer.newStep();
    longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow();
    padding = manager.create(prompts.stream().mapToLong(p -> longest - p.length).toArray());
    Shape shape =
        new Shape(prompts.size(), config.kvHeads(), longest + mostNewTokens, config.headDim());
    caches =
        IntStream.range(0, 2 * config.layers())
            .mapToObj(i -> manager.zeros(shape, DataType.FLOAT32))
            .collect(Collectors.toCollection(ArrayList::new));
  }

  /**
   * Goes on with some of the rows.
   *
   * @param places of those among the rows there are, ascending
   */
  void keep(int[] places) {
    try (NDManager step = manager.newSubManager()) {
      NDArray chosen = step.create(IntStream.of(places).asLongStream().toArray());
      padding = kept(padding, chosen);
      caches.replaceAll(cache -> kept(cache, chosen));
    }
    rows = places.length;
  }

  private NDArray kept(NDArray all, NDArray places) {
    try (NDArray whole = all) {
      NDArray part = transformer.rows(whole, places);
      part.attach(manager);
      return part;
    }
  }

  /** Bytes that a row of so many tokens takes. */
  static long bytes(LmConfig config, long tokens) {
    return tokens * config.layers() * 2 * config.kvHeads() * config.headDim() * Float.BYTES;
  }

  /** Takes in the prompts: the scores of what may follow each, {@code [rows, vocab]}. */
  NDArray begin() {
    long[] ids = new long[prompts.size() * longest];
    for (int row = 0; row < prompts.size(); row++) {
      int[] prompt = prompts.get(row);
      for (int t = 0; t < prompt.length; t++) {
        ids[(row + 1) * longest - prompt.length + t] = prompt[t];
      }
    }
    return append(ids);
  }

  /** Takes in another id of each row: the scores of what may follow it, {@code [rows, vocab]}. */
  NDArray append(long[] ids) {
    int time = ids.length / rows;
    try (NDManager step = manager.newSubManager()) {
      NDArray scores =
          transformer.decode(
              step.create(ids, new Shape(rows, time)), padding, step.create((long) filled), caches);
      filled += time;
      scores.attach(manager);
      return scores;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
