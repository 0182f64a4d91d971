package dev.troupe.lm.internal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.troupe.lm.LmConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Continues prompts by the likeliest token. Prompts are padded on the left to one length, so that
 * all rows write to the same place of the key-value cache; a mask hides the padding, and positions
 * count from each row's own first token.
 */
public final class GreedyDecoder {

  /** Bytes that one batch's cache may take, about. */
  private static final long CACHE_BYTES = 512L << 20;

  private static final int MOST_ROWS = 64;

  private final LmConfig config;
  private final Llama llama;
  private final Rotary rotary;

  public GreedyDecoder(LmConfig config, Llama llama) {
    this.config = config;
    this.llama = llama;
    this.rotary = new Rotary(config);
  }

  /** See {@link dev.troupe.lm.CausalLm#generate}. */
  public List<int[]> generate(List<int[]> prompts, int maxNewTokens, Set<Integer> stop) {
    List<int[]> answers = new ArrayList<>();
    int rows = rowsAtATime(prompts, maxNewTokens);
    for (int from = 0; from < prompts.size(); from += rows) {
      List<int[]> part = prompts.subList(from, Math.min(from + rows, prompts.size()));
      answers.addAll(new Run(part, maxNewTokens, stop).answers());
    }
    return answers;
  }

  private int rowsAtATime(List<int[]> prompts, int maxNewTokens) {
    long longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    long row =
        (longest + maxNewTokens)
            * config.layers()
            * 2
            * config.kvHeads()
            * config.headDim()
            * Float.BYTES;
    return (int) Math.max(1, Math.min(MOST_ROWS, CACHE_BYTES / Math.max(1, row)));
  }

  /** One batch. */
  private final class Run {
    private final List<int[]> prompts;
    private final Set<Integer> stop;
    private final int longest;
    private final int steps;
    private final int[][] answers;
    private final int[] lengths;
    private final boolean[] ended;

    Run(List<int[]> prompts, int maxNewTokens, Set<Integer> stop) {
      this.prompts = prompts;
      this.stop = stop;
      longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
      int shortest = prompts.stream().mapToInt(prompt -> prompt.length).min().orElse(0);
      steps = Math.min(maxNewTokens, config.context() - shortest);
      answers = new int[prompts.size()][Math.max(0, steps)];
      lengths = new int[prompts.size()];
      ended = new boolean[prompts.size()];
    }

    List<int[]> answers() {
      try (NDManager manager = llama.newStep()) {
        List<NDArray> caches = caches(manager);
        long[] ids = padded();
        int start = 0;
        for (int i = 0; i < steps; i++) {
          ids = next(manager, ids, start, caches);
          start = longest + i;
          if (take(ids)) {
            break;
          }
        }
      }
      return IntStream.range(0, answers.length)
          .mapToObj(row -> Arrays.copyOf(answers[row], lengths[row]))
          .toList();
    }

    private List<NDArray> caches(NDManager manager) {
      Shape shape = new Shape(prompts.size(), config.kvHeads(), longest + steps, config.headDim());
      return IntStream.range(0, 2 * config.layers())
          .mapToObj(i -> manager.zeros(shape, DataType.FLOAT32))
          .toList();
    }

    private long[] padded() {
      long[] ids = new long[prompts.size() * longest];
      for (int row = 0; row < prompts.size(); row++) {
        int[] prompt = prompts.get(row);
        for (int t = 0; t < prompt.length; t++) {
          ids[row * longest + longest - prompt.length + t] = prompt[t];
        }
      }
      return ids;
    }

    /** Feeds {@code ids} behind the first {@code start} positions; the next id of each row. */
    private long[] next(NDManager manager, long[] ids, int start, List<NDArray> caches) {
      int rows = prompts.size();
      int time = ids.length / rows;
      int[] positions = new int[ids.length];
      boolean[] mask = new boolean[ids.length * (start + time)];
      for (int row = 0; row < rows; row++) {
        int padding = longest - prompts.get(row).length;
        for (int t = 0; t < time; t++) {
          int at = row * time + t;
          positions[at] = Math.max(0, start + t - padding);
          for (int s = 0; s <= start + t; s++) {
            // A padding position looks at itself: a row that looks nowhere would be NaN.
            mask[at * (start + time) + s] = s >= padding || s == start + t;
          }
        }
      }
      try (NDManager step = manager.newSubManager()) {
        Shape turn = new Shape(rows, time, 1, config.headDim());
        return llama
            .decode(
                step.create(ids, new Shape(rows, time)),
                step.create(rotary.cos(positions), turn),
                step.create(rotary.sin(positions), turn),
                step.create(mask, new Shape(rows, 1, time, start + time)),
                step.create((long) start),
                caches)
            .toLongArray();
      }
    }

    /** Takes the next ids into the answers; whether all rows have ended. */
    private boolean take(long[] ids) {
      boolean all = true;
      for (int row = 0; row < ids.length; row++) {
        if (!ended[row]) {
          boolean full = prompts.get(row).length + lengths[row] >= config.context();
          ended[row] = full || stop.contains((int) ids[row]);
          if (!ended[row]) {
            answers[row][lengths[row]++] = (int) ids[row];
          }
        }
        all &= ended[row];
      }
      return all;
    }
  }
}
