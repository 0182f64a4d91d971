package dev.troupe.tensor;

import java.nio.ByteBuffer;

/**
 * AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019, algorithm 2) over a
 * range of a flat buffer: a rank may own the whole of it or only its shard (ZeRO-1).
 */
public final class AdamW {

  /** Hyper-parameters, see {@link #DEFAULTS}. */
  public record Options(double beta1, double beta2, double epsilon, double weightDecay) {}

  /** 0.9, 0.95, 1e-8, no decay. */
  public static final Options DEFAULTS = new Options(0.9, 0.95, 1e-8, 0);

  /** Owns the elements {@code [from, to)} of buffers of this layout; moments begin as 0. */
  public AdamW(Layout layout, int from, int to, Options options) {
    Skeleton.missing();
  }

  /**
   * One update of {@code parameters} in place, over this optimizer's own range.
   *
   * @param parameters the whole flat buffer, fp32, direct, native order
   * @param gradients as long as parameters
   * @param learningRate this step's
   * @param gradientScale gradients are multiplied with it first (clipping); 1 for none
   */
  public void step(
      ByteBuffer parameters, ByteBuffer gradients, double learningRate, double gradientScale) {
    Skeleton.missing();
  }

  /** Steps done. */
  public long steps() {
    return Skeleton.missing();
  }

  /** Sets the number of steps done, after the moments were restored. */
  public void steps(long steps) {
    Skeleton.missing();
  }

  /** First moments of the owned range, fp32, position 0 to limit; write to it to restore. */
  public ByteBuffer firstMoment() {
    return Skeleton.missing();
  }

  /** Second moments of the owned range, as {@link #firstMoment}. */
  public ByteBuffer secondMoment() {
    return Skeleton.missing();
  }
}
