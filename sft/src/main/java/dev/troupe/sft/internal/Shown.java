package dev.troupe.sft.internal;

/** How figures are written for people. */
public final class Shown {

  private static final double MIB = 1 << 20;

  private Shown() {}

  /** As in {@code 3.1 %}. */
  public static String percent(double part) {
    return "%.1f %%".formatted(100 * part);
  }

  /** As in {@code 679.2 MiB}. */
  public static String mebibytes(long bytes) {
    return "%,.1f MiB".formatted(bytes / MIB);
  }

  /** As {@code --set} takes it: {@code 0.001}, {@code 3e-4}. */
  public static String rate(double rate) {
    return Double.toString(rate).replace(".0E", "e").replace('E', 'e');
  }
}
