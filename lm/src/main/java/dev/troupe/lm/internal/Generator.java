package dev.troupe.lm.internal;

import ai.djl.ndarray.NDArray;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Continues prompts, as many at a time as their key-value cache leaves room for. */
public final class Generator {

  /** Bytes that one batch's cache may take, about. */
  private static final long CACHE_BYTES = 512L << 20;

  private static final int MOST_ROWS = 64;

  private final LmConfig config;
  private final Transformer transformer;
  private final Sampler sampler;
  private final long seed;

  public Generator(LmConfig config, Transformer transformer, Sampling sampling) {
    this.config = config;
    this.transformer = transformer;
    sampler = new Sampler(sampling);
    seed = sampling.seed();
  }

  /** See {@link dev.troupe.lm.CausalLm#generate}. */
  public List<int[]> generate(List<int[]> prompts, int maxNewTokens, Set<Integer> stop) {
    SplittableRandom seeds = new SplittableRandom(seed);
    List<int[]> answers = new ArrayList<>();
    int rows = rowsAtATime(prompts, maxNewTokens);
    for (int from = 0; from < prompts.size(); from += rows) {
      List<int[]> part = prompts.subList(from, Math.min(from + rows, prompts.size()));
      answers.addAll(new Run(part, maxNewTokens, stop, seeds).answers());
    }
    return answers;
  }

  private int rowsAtATime(List<int[]> prompts, int maxNewTokens) {
    long longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    long most = longest + Math.min(maxNewTokens, config.context());
    long row = Math.max(1, KeyValueCache.bytes(config, most));
    return (int) Math.max(1, Math.min(MOST_ROWS, CACHE_BYTES / row));
  }

  /** One batch. */
  private final class Run {
    private final List<int[]> prompts;
    private final Set<Integer> stop;
    private final List<SplittableRandom> randoms;
    private final int steps;
    private final int[][] answers;
    private final int[] lengths;
    private final boolean[] ended;

    Run(List<int[]> prompts, int maxNewTokens, Set<Integer> stop, SplittableRandom seeds) {
      this.prompts = prompts;
      this.stop = stop;
      randoms = prompts.stream().map(prompt -> seeds.split()).toList();
      int shortest = prompts.stream().mapToInt(prompt -> prompt.length).min().orElseThrow();
      steps = Math.max(0, Math.min(maxNewTokens, config.context() - shortest));
      answers = new int[prompts.size()][steps];
      lengths = new int[prompts.size()];
      ended = new boolean[prompts.size()];
    }

    List<int[]> answers() {
      try (KeyValueCache cache = new KeyValueCache(config, transformer, prompts, steps)) {
        long[] ids = null;
        for (int i = 0; i < steps && !allEnded(); i++) {
          try (NDArray scores = i == 0 ? cache.begin() : cache.append(ids)) {
            ids = sampler.next(scores, randoms);
          }
          take(ids);
        }
      }
      return IntStream.range(0, answers.length)
          .mapToObj(row -> Arrays.copyOf(answers[row], lengths[row]))
          .toList();
    }

    private boolean allEnded() {
      return IntStream.range(0, ended.length).allMatch(row -> ended[row]);
    }

    /** Takes the next ids into the answers that have not ended. */
    private void take(long[] ids) {
      for (int row = 0; row < ids.length; row++) {
        boolean full = prompts.get(row).length + lengths[row] >= config.context();
        ended[row] |= full || stop.contains((int) ids[row]);
        if (!ended[row]) {
          answers[row][lengths[row]++] = (int) ids[row];
        }
      }
    }
  }
}
