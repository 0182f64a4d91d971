package dev.troupe.pricing.lstm.internal;

import dev.troupe.tensor.Layout;
import dev.troupe.tensor.Lstm;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/** All that is random in training, from one seed. */
public final class Chance {
  private final SplittableRandom random;

  public Chance(long seed) {
    random = new SplittableRandom(seed);
  }

  /**
   * First weights: uniform within {@code 1 / sqrt(hidden)}, as torch's, but a forget gate's bias of
   * 1, with which a memory lasts from the start (Jozefowicz, Zaremba and Sutskever, 2015).
   */
  public void weights(Lstm.Size size, ByteBuffer flat) {
    double bound = 1 / Math.sqrt(size.hidden());
    FloatBuffer floats = flat.duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    for (Layout.Entry entry : Lstm.layout(size).entries()) {
      for (int i = 0; i < entry.length(); i++) {
        floats.put(entry.offset() + i, (float) ((2 * random.nextDouble() - 1) * bound));
      }
      if (entry.name().startsWith("lstm.bias_ih")) { // gates: input, forget, cell, output
        for (int i = size.hidden(); i < 2 * size.hidden(); i++) {
          floats.put(entry.offset() + i, 1);
        }
      }
    }
  }

  /** Puts the numbers in another order (Fisher and Yates). */
  public void shuffle(int[] order) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
  }

  /** Dropout: 0 for this share of {@code count} places, what keeps the mean for the others. */
  public float[] masks(int count, double share) {
    if (share == 0) {
      return new float[0];
    }
    float kept = (float) (1 / (1 - share));
    float[] masks = new float[count];
    for (int i = 0; i < count; i++) {
      masks[i] = random.nextDouble() < share ? 0 : kept;
    }
    return masks;
  }
}
