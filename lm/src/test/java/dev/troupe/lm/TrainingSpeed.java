package dev.troupe.lm;

import dev.troupe.tensor.AdamW;
import dev.troupe.tensor.Engine;
import dev.troupe.tensor.FlatMath;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * CPU milliseconds (of this thread: for one intra-op thread) of one forward and backward pass; its
 * peer is {@code bench/peers/llama_step.py}, with the same arguments: dim layers rows time threads.
 */
final class TrainingSpeed {

  private TrainingSpeed() {}

  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  public static void main(String[] args) {
    int dim = Integer.parseInt(args[0]);
    int layers = Integer.parseInt(args[1]);
    int rows = Integer.parseInt(args[2]);
    int time = Integer.parseInt(args[3]);
    Engine.start(Integer.parseInt(args[4]));
    LmConfig config = LmConfig.small(64, dim, dim * 8 / 3 / 16 * 16, layers, 4, 256);
    SplittableRandom random = new SplittableRandom(1);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      examples.add(Example.of(random.ints(time, 0, 64).toArray()));
    }
    Batch batch = Batch.of(examples, 256);
    try (CausalLm model = CausalLm.random(config, 1)) {
      ByteBuffer gradients = FlatMath.allocate(model.layout().size());
      AdamW optimizer = new AdamW(model.layout(), 0, model.layout().size(), AdamW.DEFAULTS);
      double best = Double.MAX_VALUE;
      double bestUpdate = Double.MAX_VALUE;
      for (int round = 0; round < 8; round++) {
        long start = cpu();
        for (int i = 0; i < 10; i++) {
          model.forwardBackward(batch, batch.countedTokens(), gradients, bucket -> {});
        }
        best = Math.min(best, (cpu() - start) / 1e7);
        start = cpu();
        for (int i = 0; i < 10; i++) {
          optimizer.step(model.parameters(), gradients, 1e-9, 1);
        }
        bestUpdate = Math.min(bestUpdate, (cpu() - start) / 1e7);
      }
      System.out.printf(
          "ms %.2f tok/s %.0f update ms %.2f%n", best, rows * time / best * 1e3, bestUpdate);
    }
  }
}
