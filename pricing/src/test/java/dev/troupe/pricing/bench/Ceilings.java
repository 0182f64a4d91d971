package dev.troupe.pricing.bench;

import java.util.Arrays;

/**
 * What one core of this machine can do from Java, against which the solver's sweeps are judged:
 * fused multiply-adds on numbers that stay in registers, and a triad {@code a = b + s c} on arrays
 * that lie in the first cache, in the second, and in memory. Lines are {@code ceiling name value
 * unit}, by tabs. Bytes are counted as in the STREAM benchmark: 24 a step.
 */
public final class Ceilings {
  private static final int ROUNDS = 15;
  private static final long ROUND_NANOS = 40_000_000L;

  /** Multiply-adds on a number between load and store, so that arithmetic is the limit. */
  private static final int CHAIN = 16;

  private Ceilings() {}

  public static void main(String[] args) {
    double[] x = new double[512];
    Arrays.fill(x, 1);
    print("fused multiply-add", rate(2.0 * CHAIN * x.length, () -> multiplyAdd(x)), "GFLOP/s");
    triad("first cache", 512);
    triad("second cache", 8 * 1024);
    triad("memory", 8 * 1024 * 1024);
  }

  private static void triad(String where, int length) {
    double[] a = new double[length];
    double[] b = new double[length];
    double[] c = new double[length];
    Arrays.fill(b, 1);
    Arrays.fill(c, 2);
    double rate = rate(3.0 * Double.BYTES * length, () -> triad(a, b, 0.5, c));
    print("triad in " + where, rate, "GB/s");
  }

  private static void triad(double[] a, double[] b, double s, double[] c) {
    for (int i = 0; i < a.length; i++) {
      a[i] = b[i] + s * c[i];
    }
  }

  private static void multiplyAdd(double[] x) {
    double m = 0.999;
    double k = 0.001;
    for (int i = 0; i < x.length; i++) {
      double y = x[i];
      y = Math.fma(Math.fma(Math.fma(Math.fma(y, m, k), m, k), m, k), m, k);
      y = Math.fma(Math.fma(Math.fma(Math.fma(y, m, k), m, k), m, k), m, k);
      y = Math.fma(Math.fma(Math.fma(Math.fma(y, m, k), m, k), m, k), m, k);
      x[i] = Math.fma(Math.fma(Math.fma(Math.fma(y, m, k), m, k), m, k), m, k);
    }
  }

  /** The best round: a ceiling is what the machine can do undisturbed. */
  private static double rate(double amount, Runnable work) {
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      long calls = 0;
      long now;
      do {
        for (int i = 0; i < 8; i++) {
          work.run();
        }
        calls += 8;
        now = System.nanoTime();
      } while (now - start < ROUND_NANOS);
      best = Math.max(best, amount * calls / (now - start));
    }
    return best;
  }

  private static void print(String name, double value, String unit) {
    System.out.printf("ceiling\t%s\t%.1f\t%s%n", name, value, unit);
  }
}
