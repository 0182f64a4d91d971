package dev.troupe.lm.internal;

import dev.troupe.lm.LmConfig;
import dev.troupe.lm.LmConfig.RopeScaling;

/**
 * A table for rotary position embedding (Su et al., "RoFormer", 2021, section 3.4), in the
 * half-split form of Hugging Face checkpoints: element i turns with element {@code i + headDim / 2}
 * by the angle {@code position * theta^(-2i / headDim)}. Angles are products of single-precision
 * numbers, as transformers computes them, so that logits agree far into the context.
 */
public final class Rotary {

  private final int headDim;
  private final float[] frequencies;

  public Rotary(LmConfig config) {
    headDim = config.headDim();
    frequencies = new float[headDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float power = (float) StrictMath.pow(config.ropeTheta(), (float) (2 * i) / headDim);
      frequencies[i] = scaled(1f / power, config.ropeScaling());
    }
  }

  /** Llama 3.1's change of long waves: divided by factor, with a smooth passage in the middle. */
  private static float scaled(float frequency, RopeScaling scaling) {
    if (scaling == null) {
      return frequency;
    }
    double waveLength = 2 * Math.PI / frequency;
    double turns = scaling.originalContext() / waveLength;
    if (turns > scaling.highFrequencyFactor()) {
      return frequency;
    }
    if (turns < scaling.lowFrequencyFactor()) {
      return (float) (frequency / scaling.factor());
    }
    double smooth =
        (turns - scaling.lowFrequencyFactor())
            / (scaling.highFrequencyFactor() - scaling.lowFrequencyFactor());
    return (float) ((1 - smooth) * frequency / scaling.factor() + smooth * frequency);
  }

  /**
   * A row for each position: cosines, then sines with their first half negated, {@code [positions,
   * 2 * headDim]}.
   */
  public float[] table(int positions) {
    float[] table = new float[positions * 2 * headDim];
    int half = headDim / 2;
    for (int position = 0; position < positions; position++) {
      int row = position * 2 * headDim;
      for (int i = 0; i < half; i++) {
        float angle = position * frequencies[i];
        float cos = (float) StrictMath.cos(angle);
        float sin = (float) StrictMath.sin(angle);
        table[row + i] = cos;
        table[row + half + i] = cos;
        table[row + headDim + i] = -sin;
        table[row + headDim + half + i] = sin;
      }
    }
    return table;
  }
}
