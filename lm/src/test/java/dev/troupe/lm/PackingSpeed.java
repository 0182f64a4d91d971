package dev.troupe.lm;

import dev.troupe.tensor.Engine;
import dev.troupe.tensor.FlatMath;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;

/**
 * Tokens a second (padding not counted) of forward and backward passes over rows of uneven lengths:
 * padded as they come, padded after sorting by length, and packed. Arguments: dim layers rows
 * rowsABatch threads. Lengths are those of instruction data: log-normal, median 100, at most 512.
 */
final class PackingSpeed {

  private static final int CONTEXT = 512;
  private static final int ROUNDS = 5;

  private PackingSpeed() {}

  public static void main(String[] args) {
    int dim = Integer.parseInt(args[0]);
    int rows = Integer.parseInt(args[2]);
    int rowsABatch = Integer.parseInt(args[3]);
    Engine.start(Integer.parseInt(args[4]));
    LmConfig config =
        LmConfig.small(
            512, dim, dim * 8 / 3 / 16 * 16, Integer.parseInt(args[1]), dim / 64, CONTEXT);
    java.util.Random random = new java.util.Random(1);
    SplittableRandom ids = new SplittableRandom(1);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      int length =
          (int) Math.min(CONTEXT, Math.max(8, 100 * Math.exp(0.8 * random.nextGaussian())));
      examples.add(Example.of(ids.ints(length, 0, 512).toArray()));
    }
    List<Example> sorted =
        examples.stream().sorted(Comparator.comparingInt(Example::length)).toList();
    try (CausalLm model = CausalLm.random(config, 1)) {
      List<List<Batch>> ways =
          List.of(
              batches(examples, rowsABatch, Batch::of),
              batches(sorted, rowsABatch, Batch::of),
              batches(examples, rowsABatch, Batch::packed));
      double[] best = new double[ways.size()];
      Arrays.fill(best, Double.MAX_VALUE);
      for (int round = 0; round < ROUNDS; round++) {
        for (int way = 0; way < best.length; way++) {
          best[way] = Math.min(best[way], seconds(model, ways.get(way)));
        }
      }
      int tokens = examples.stream().mapToInt(Example::length).sum();
      String[] names = {"padded", "padded, sorted", "packed"};
      for (int way = 0; way < best.length; way++) {
        int positions = ways.get(way).stream().mapToInt(Batch::positions).sum();
        System.out.printf(
            "%-15s %.0f tok/s, padding %.0f %%%n",
            names[way], tokens / best[way], 100.0 * (positions - tokens) / positions);
      }
    }
  }

  private static List<Batch> batches(
      List<Example> examples, int rows, BiFunction<List<Example>, Integer, Batch> way) {
    List<Batch> batches = new ArrayList<>();
    for (int from = 0; from < examples.size(); from += rows) {
      batches.add(
          way.apply(examples.subList(from, Math.min(from + rows, examples.size())), CONTEXT));
    }
    return batches;
  }

  private static double seconds(CausalLm model, List<Batch> batches) {
    ByteBuffer gradients = FlatMath.allocate(model.layout().size());
    long start = System.nanoTime();
    for (Batch batch : batches) {
      model.forwardBackward(batch, batch.countedTokens(), gradients, bucket -> {});
    }
    return (System.nanoTime() - start) / 1e9;
  }
}
