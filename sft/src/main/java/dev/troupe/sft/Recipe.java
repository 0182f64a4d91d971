package dev.troupe.sft;

import dev.troupe.sft.SftOptions.Decay;

/**
 * Settings under which small models were fine-tuned, as Pareja et al. ("Unveiling the Secret
 * Recipe", arXiv 2412.13337) compare them. LAB's large batch with a constant learning rate came out
 * ahead; TULU's small batch reaches its peak with fewer samples.
 */
public enum Recipe {
  LAB(3840, Decay.CONSTANT, 0),
  TULU(128, Decay.LINEAR, 0.03);

  private static final double RATE = 2e-5;

  private final int batch;
  private final Decay decay;
  private final double warmupShare;

  Recipe(int batch, Decay decay, double warmupShare) {
    this.batch = batch;
    this.decay = decay;
    this.warmupShare = warmupShare;
  }

  /** Rows an optimizer step. */
  public int batch() {
    return batch;
  }

  /**
   * The peak learning rate for a batch of another size: it grows with the batch's square root, as
   * suits Adam (Malladi et al., "On the SDEs and Scaling Rules for Adaptive Gradient Algorithms",
   * 2022). The rule is ours; the paper has no batches but these.
   */
  public double rate(int rows) {
    return RATE * Math.sqrt((double) rows / batch);
  }

  /** The course of the learning rate after its warm-up. */
  public Decay decay() {
    return decay;
  }

  /** Steps of warm-up in a run of so many. */
  public int warmup(long steps) {
    return (int) Math.ceil(warmupShare * steps);
  }
}
