package dev.troupe.core;

/**
 * The part of a buffer that belongs to one rank. A buffer is cut into units; each rank has
 * consecutive ones, as evenly as can be, in the order of ranks. The buffer's last unit may be
 * short.
 *
 * @param from where it begins, in bytes
 * @param length how long it is, in bytes; 0 if there are fewer units than ranks
 */
public record Shard(int from, int length) {

  /**
   * The shard of {@code rank}: units {@code [rank * n / size, (rank + 1) * n / size)} of n.
   *
   * @param bytes of the whole buffer
   * @param unit bytes of a unit, above 0
   */
  public static Shard of(int bytes, int unit, int rank, int size) {
    if (unit < 1) {
      throw new IllegalArgumentException("unit: " + unit + " (expected: > 0)");
    }
    int from = begin(bytes, unit, rank, size);
    return new Shard(from, begin(bytes, unit, rank + 1, size) - from);
  }

  private static int begin(int bytes, int unit, int rank, int size) {
    long units = ((long) bytes + unit - 1) / unit;
    return (int) Math.min(bytes, rank * units / size * unit);
  }

  /** One past its last byte. */
  public int end() {
    return from + length;
  }
}
