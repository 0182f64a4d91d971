package dev.troupe.lm.internal;

import dev.troupe.lm.LmConfig;
import dev.troupe.tensor.Layout;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/** First weights of a model that is trained from nothing. */
public final class RandomWeights {

  private static final double DEVIATION = 0.02;

  private RandomWeights() {}

  /**
   * Fills {@code flat}: norms with 1, biases with 0, matrices from a normal distribution of
   * deviation 0.02, those that write to the residual stream divided by {@code sqrt(2 * layers)}
   * (Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3).
   */
  public static void fill(LmConfig config, Layout layout, FloatBuffer flat, long seed) {
    SplittableRandom seeds = new SplittableRandom(seed);
    for (Layout.Entry entry : layout.entries()) {
      SplittableRandom random = seeds.split();
      FloatBuffer target = flat.slice(entry.offset(), entry.length());
      boolean residual = entry.name().matches(".*\\.(o|down|c)_proj\\.weight");
      double deviation = residual ? DEVIATION / Math.sqrt(2.0 * config.layers()) : DEVIATION;
      if (entry.decayed()) {
        normal(random, deviation, target);
      } else {
        float value = entry.name().endsWith(".bias") ? 0 : 1;
        while (target.hasRemaining()) {
          target.put(value);
        }
      }
    }
  }

  /** Box and Muller's transform with StrictMath: the same numbers on every machine. */
  private static void normal(SplittableRandom random, double deviation, FloatBuffer target) {
    while (target.hasRemaining()) {
      double radius = deviation * Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
      double angle = 2 * Math.PI * random.nextDouble();
      target.put((float) (radius * StrictMath.cos(angle)));
      if (target.hasRemaining()) {
        target.put((float) (radius * StrictMath.sin(angle)));
      }
    }
  }
}
