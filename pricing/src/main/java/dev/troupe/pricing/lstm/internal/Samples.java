package dev.troupe.pricing.lstm.internal;

import java.util.Arrays;

/** What is asked of samples {@code [sample, time, feature]}. */
public final class Samples {
  private Samples() {}

  /**
   * @throws IllegalArgumentException if there is none, one has another shape than the first, or a
   *     number is not finite
   */
  public static void check(float[][][] features) {
    if (features.length == 0 || features[0].length == 0 || features[0][0].length == 0) {
      throw new IllegalArgumentException(
          "features: none (expected: at least one sample of one step with one feature)");
    }
    for (int s = 0; s < features.length; s++) {
      if (features[s].length != features[0].length) {
        throw new IllegalArgumentException(
            "features[%d]: %d steps (expected: %d, as features[0])"
                .formatted(s, features[s].length, features[0].length));
      }
      for (int t = 0; t < features[s].length; t++) {
        if (features[s][t].length != features[0][0].length) {
          throw new IllegalArgumentException(
              "features[%d][%d]: %d features (expected: %d, as features[0][0])"
                  .formatted(s, t, features[s][t].length, features[0][0].length));
        }
        finite("features[" + s + "][" + t + "]", features[s][t]);
      }
    }
  }

  /**
   * @throws IllegalArgumentException as {@link #check(float[][][])}, and if there is not one finite
   *     target a sample
   */
  public static void check(float[][][] features, float[] targets) {
    check(features);
    if (targets.length != features.length) {
      throw new IllegalArgumentException(
          "targets: %d (expected: %d, one a sample)".formatted(targets.length, features.length));
    }
    finite("targets", targets);
  }

  private static void finite(String name, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "%s[%d]: %s (expected: a finite number)".formatted(name, i, values[i]));
      }
    }
  }

  /** Targets as samples of one step with one feature. */
  public static float[][][] of(float[] targets) {
    float[][][] samples = new float[targets.length][1][];
    for (int s = 0; s < targets.length; s++) {
      samples[s][0] = new float[] {targets[s]};
    }
    return samples;
  }

  /** Rows {@code order[from] ... order[to - 1]} of a flat array of rows of this width. */
  public static float[] rows(float[] flat, int width, int[] order, int from, int to) {
    float[] rows = new float[(to - from) * width];
    for (int i = from; i < to; i++) {
      System.arraycopy(flat, order[i] * width, rows, (i - from) * width, width);
    }
    return rows;
  }

  /** Rows {@code from ... to - 1}. */
  public static float[] rows(float[] flat, int width, int from, int to) {
    return Arrays.copyOfRange(flat, from * width, to * width);
  }
}
