package dev.troupe.lm.internal;

import ai.djl.ndarray.NDArray;
import dev.troupe.lm.LmConfig;
import dev.troupe.lm.Sampling;
import dev.troupe.lm.StopRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Continues prompts, as many at a time as their key-value cache leaves room for. */
public final class Generator {

  /** Bytes that one batch's cache may take, about. */
  private static final long CACHE_BYTES = 512L << 20;

  private static final int MOST_ROWS = 64;

  /** A batch in which at most this part of the rows goes on is cut down to them. */
  private static final double STAY = 0.75;

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
  public List<int[]> generate(List<int[]> prompts, int maxNewTokens, StopRule stop) {
    SplittableRandom seeds = new SplittableRandom(seed);
    List<int[]> answers = new ArrayList<>();
    int rows = rowsAtATime(prompts, maxNewTokens);
    for (int from = 0; from < prompts.size(); from += rows) {
      List<int[]> part = prompts.subList(from, Math.min(from + rows, prompts.size()));
      List<Row> batch = part.stream().map(prompt -> new Row(prompt, seeds.split())).toList();
      answers.addAll(answers(batch, maxNewTokens, stop));
    }
    return answers;
  }

  private int rowsAtATime(List<int[]> prompts, int maxNewTokens) {
    long longest = prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    long most = longest + Math.min(maxNewTokens, config.context());
    long row = Math.max(1, KeyValueCache.bytes(config, most));
    return (int) Math.max(1, Math.min(MOST_ROWS, CACHE_BYTES / row));
  }

  /** A prompt with the answer so far. */
  private final class Row {
    private final int[] prompt;
    private final SplittableRandom random;
    private int[] answer = {};
    private boolean ended;

    Row(int[] prompt, SplittableRandom random) {
      this.prompt = prompt;
      this.random = random;
    }

    void take(int id, StopRule stop) {
      boolean full = prompt.length + answer.length >= config.context();
      ended = full || stop.ids().contains(id);
      if (!ended) {
        answer = Arrays.copyOf(answer, answer.length + 1);
        answer[answer.length - 1] = id;
        ended = stop.after().test(answer.clone());
      }
    }
  }

  /** Answers one batch. Rows that have ended leave it, several at a time: that costs a copy. */
  private List<int[]> answers(List<Row> all, int maxNewTokens, StopRule stop) {
    List<int[]> prompts = all.stream().map(row -> row.prompt).toList();
    int shortest = prompts.stream().mapToInt(prompt -> prompt.length).min().orElseThrow();
    int steps = Math.min(maxNewTokens, config.context() - shortest);
    List<Row> rows = all;
    try (KeyValueCache cache = new KeyValueCache(config, transformer, prompts, steps)) {
      long[] ids = null;
      for (int step = 0; step < steps; step++) {
        ids = next(cache, ids, rows);
        for (int i = 0; i < ids.length; i++) {
          Row row = rows.get(i);
          if (!row.ended) {
            row.take((int) ids[i], stop);
          }
        }
        int[] going = going(rows);
        if (going.length == 0) {
          break;
        }
        if (going.length <= STAY * rows.size()) {
          cache.keep(going);
          ids = pick(ids, going);
          rows = IntStream.of(going).mapToObj(rows::get).toList();
        }
      }
    }
    return all.stream().map(row -> row.answer).toList();
  }

  /** The next id of each row, of those that have ended too. */
  private long[] next(KeyValueCache cache, long[] ids, List<Row> rows) {
    List<SplittableRandom> randoms = rows.stream().map(row -> row.random).toList();
    try (NDArray scores = ids == null ? cache.begin() : cache.append(ids)) {
      return sampler.next(scores, randoms);
    }
  }

  private static long[] pick(long[] ids, int[] places) {
    return IntStream.of(places).mapToLong(place -> ids[place]).toArray();
  }

  /** The places of rows that go on. */
  private static int[] going(List<Row> rows) {
    return IntStream.range(0, rows.size()).filter(i -> !rows.get(i).ended).toArray();
  }
}
