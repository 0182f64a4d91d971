package dev.troupe.tensor;

import dev.troupe.tensor.Layout.Range;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2) over
 * ranges of a flat buffer: a rank may own the whole of it or only its shards (ZeRO-1).
 *
 * <p>With gradient g, moments m and v, and step t from 1:
 *
 * <pre>
 * p -= lr * weightDecay * p           (matrices only)
 * m  = m + (1 - beta1) * (g - m)
 * v  = beta2 * v + (1 - beta2) * g * g
 * p -= lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + epsilon)
 * </pre>
 *
 * Every operation is a single-precision one that Java rounds on its own, so the result of an
 * element does not depend on which rank or block computes it. A fused native kernel would treat the
 * ends of its range differently.
 */
public final class AdamW {

  /**
   * Hyper-parameters, see {@link #DEFAULTS}.
   *
   * @param beta1 decay of the first moment, in [0, 1)
   * @param beta2 decay of the second moment, in [0, 1)
   * @param epsilon keeps the quotient finite, above 0
   * @param weightDecay at least 0; applies to entries that are {@link Layout.Entry#decayed}
   */
  public record Options(double beta1, double beta2, double epsilon, double weightDecay) {
    public Options {
      require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "in [0, 1)");
      require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "in [0, 1)");
      require(epsilon > 0, "epsilon", epsilon, "> 0");
      require(weightDecay >= 0, "weightDecay", weightDecay, ">= 0");
    }

    private static void require(boolean holds, String name, double value, String expected) {
      if (!holds) {
        throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
      }
    }
  }

  /** 0.9, 0.95, 1e-8, no decay. */
  public static final Options DEFAULTS = new Options(0.9, 0.95, 1e-8, 0);

  private final Layout layout;
  private final List<Range> ranges;
  private final Options options;
  private final ByteBuffer firstMoment;
  private final ByteBuffer secondMoment;
  private final float[] p = new float[FlatMath.BLOCK];
  private final float[] g = new float[FlatMath.BLOCK];
  private final float[] m = new float[FlatMath.BLOCK];
  private final float[] v = new float[FlatMath.BLOCK];
  private long steps;

  /** Owns the elements {@code [from, to)} of buffers of this layout; moments begin as 0. */
  public AdamW(Layout layout, int from, int to, Options options) {
    this(layout, List.of(new Range(from, to)), options);
  }

  /** Owns these ranges of buffers of this layout; moments begin as 0. */
  public AdamW(Layout layout, List<Range> ranges, Options options) {
    for (Range range : ranges) {
      if (range.from() < 0 || range.to() < range.from() || range.to() > layout.size()) {
        throw new IllegalArgumentException(
            "range: %d to %d (expected: within 0 to %d)"
                .formatted(range.from(), range.to(), layout.size()));
      }
    }
    this.layout = layout;
    this.ranges = List.copyOf(ranges);
    this.options = options;
    int owned = ranges.stream().mapToInt(Range::length).reduce(0, Math::addExact);
    this.firstMoment = FlatMath.allocate(owned);
    this.secondMoment = FlatMath.allocate(owned);
  }

  /**
   * One update of {@code parameters} in place, over this optimizer's own ranges.
   *
   * @param parameters the whole flat buffer, fp32, direct, native order
   * @param gradients as long as parameters
   * @param learningRate this step's
   * @param gradientScale gradients are multiplied with it first (clipping); 1 for none
   */
  public void step(
      ByteBuffer parameters, ByteBuffer gradients, double learningRate, double gradientScale) {
    requireLength(parameters, "parameters");
    requireLength(gradients, "gradients");
    steps++;
    FloatBuffer flatP = FlatMath.floats(parameters);
    FloatBuffer flatG = FlatMath.floats(gradients);
    FloatBuffer flatM = FlatMath.floats(firstMoment);
    FloatBuffer flatV = FlatMath.floats(secondMoment);
    int before = 0; // moments of the ranges before
    for (Range range : ranges) {
      for (Layout.Entry entry : layout.entries()) {
        double decay = entry.decayed() ? options.weightDecay : 0;
        int end = Math.min(range.to(), entry.offset() + entry.length());
        for (int at = Math.max(range.from(), entry.offset()); at < end; at += FlatMath.BLOCK) {
          int n = Math.min(FlatMath.BLOCK, end - at);
          int moment = before + at - range.from();
          flatP.get(at, p, 0, n);
          flatG.get(at, g, 0, n);
          flatM.get(moment, m, 0, n);
          flatV.get(moment, v, 0, n);
          update(n, learningRate, (float) gradientScale, decay);
          flatP.put(at, p, 0, n);
          flatM.put(moment, m, 0, n);
          flatV.put(moment, v, 0, n);
        }
      }
      before += range.length();
    }
  }

  private void update(int n, double learningRate, float gradientScale, double weightDecay) {
    float keep = (float) (1 - learningRate * weightDecay);
    float rate = (float) (learningRate / (1 - StrictMath.pow(options.beta1, (double) steps)));
    float root = (float) StrictMath.sqrt(1 - StrictMath.pow(options.beta2, (double) steps));
    float newM = (float) (1 - options.beta1);
    float oldV = (float) options.beta2;
    float newV = (float) (1 - options.beta2);
    float epsilon = (float) options.epsilon;
    for (int i = 0; i < n; i++) {
      float gradient = g[i] * gradientScale;
      m[i] = m[i] + newM * (gradient - m[i]);
      v[i] = oldV * v[i] + newV * (gradient * gradient);
      p[i] = p[i] * keep - rate * (m[i] / ((float) Math.sqrt(v[i]) / root + epsilon));
    }
  }

  private void requireLength(ByteBuffer buffer, String name) {
    if (buffer.limit() != layout.bytes()) {
      throw new IllegalArgumentException(
          "%s: %d bytes (expected: the layout's %d)"
              .formatted(name, buffer.limit(), layout.bytes()));
    }
  }

  /** Steps done. */
  public long steps() {
    return steps;
  }

  /** Sets the number of steps done, after the moments were restored. */
  public void steps(long steps) {
    this.steps = steps;
  }

  /**
   * First moments of the owned ranges, one behind the other, fp32, position 0 to limit; write to it
   * to restore.
   */
  public ByteBuffer firstMoment() {
    return firstMoment;
  }

  /** Second moments of the owned ranges, as {@link #firstMoment}. */
  public ByteBuffer secondMoment() {
    return secondMoment;
  }
}
