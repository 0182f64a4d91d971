package dev.troupe.pricing.lstm.internal;

/**
 * Takes numbers to mean 0 and deviation 1, feature by feature, and back. A feature that never moves
 * becomes 0.
 */
public final class Scaling {

  /** Below this share of the mean, a deviation is rounding. */
  private static final double STILL = 1e-6;

  private final float[] mean;
  private final float[] deviation;

  /**
   * Of known numbers.
   *
   * @param mean by feature
   * @param deviation by feature, above 0
   */
  public Scaling(float[] mean, float[] deviation) {
    this.mean = mean;
    this.deviation = deviation;
  }

  /** Of the first {@code count} samples {@code [sample, time, feature]}, and of no other. */
  public static Scaling of(float[][][] samples, int count) {
    int features = samples[0][0].length;
    float[] mean = new float[features];
    float[] deviation = new float[features];
    double n = (double) count * samples[0].length;
    for (int f = 0; f < features; f++) {
      double sum = 0;
      for (int s = 0; s < count; s++) {
        for (float[] step : samples[s]) {
          sum += step[f];
        }
      }
      double centre = sum / n;
      double squares = 0;
      for (int s = 0; s < count; s++) {
        for (float[] step : samples[s]) {
          squares += (step[f] - centre) * (step[f] - centre);
        }
      }
      double spread = Math.sqrt(squares / n);
      mean[f] = (float) centre;
      deviation[f] = spread > STILL * Math.abs(centre) ? (float) spread : 1;
    }
    return new Scaling(mean, deviation);
  }

  /** All samples, scaled and flat, {@code [sample, time, feature]}. */
  public float[] flatten(float[][][] samples) {
    int features = mean.length;
    int time = samples[0].length;
    float[] flat = new float[Math.multiplyExact(samples.length, time * features)];
    int at = 0;
    for (float[][] sample : samples) {
      for (float[] step : sample) {
        for (int f = 0; f < features; f++) {
          flat[at++] = (step[f] - mean[f]) / deviation[f];
        }
      }
    }
    return flat;
  }

  /** By feature. */
  public float[] mean() {
    return mean;
  }

  /** By feature. */
  public float[] deviation() {
    return deviation;
  }

  /** The number that was scaled to {@code value}, of the first feature. */
  public float unscaled(float value) {
    return value * deviation[0] + mean[0];
  }
}
