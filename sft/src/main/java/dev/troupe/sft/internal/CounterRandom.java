package dev.troupe.sft.internal;

/**
 * Random numbers as a pure function of (seed, stream, position): what a run draws at some step does
 * not depend on what was drawn before it, on which rank, or in which attempt. SplitMix64's
 * finalizer (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014) over a
 * counter.
 */
final class CounterRandom {

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private final long key;
  private long counter;

  /**
   * @param stream numbers of different streams are unrelated
   */
  CounterRandom(long seed, long stream) {
    key = mix(seed + GOLDEN) ^ mix(mix(stream + 2 * GOLDEN) + GOLDEN);
  }

  long nextLong() {
    return mix(key + GOLDEN * ++counter);
  }

  /** Uniform in {@code [0, bound)}. */
  int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("bound: " + bound + " (expected: > 0)");
    }
    return (int) (((nextLong() >>> 33) * bound) >>> 31);
  }

  /** A uniformly drawn order of {@code 0 ... size - 1} (Fisher and Yates). */
  int[] permutation(int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
