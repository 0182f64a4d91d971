package dev.troupe.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * Arithmetic on flat fp32 buffers (direct, native order, from 0 to limit), in an order that depends
 * on the length alone.
 *
 * <p>Work is done block by block in arrays on the heap, which the JIT compiler turns into vector
 * instructions; what it makes of direct buffers in Java 17 is several times slower.
 */
public final class FlatMath {

  /** Elements a block: two blocks fit into a first-level cache. */
  public static final int BLOCK = 2048;

  private static final int ALIGNMENT = 64;

  private FlatMath() {}

  /** A zeroed direct buffer in native order for {@code elements} floats, aligned to 64 bytes. */
  public static ByteBuffer allocate(int elements) {
    int bytes = Math.multiplyExact(elements, Float.BYTES);
    return ByteBuffer.allocateDirect(Math.addExact(bytes, 2 * ALIGNMENT))
        .alignedSlice(ALIGNMENT)
        .slice(0, bytes)
        .order(ByteOrder.nativeOrder());
  }

  /** {@code target += summand}, element by element. */
  public static void add(ByteBuffer target, ByteBuffer summand) {
    sameLength(target, summand);
    FloatBuffer to = floats(target);
    FloatBuffer from = floats(summand);
    float[] a = new float[BLOCK];
    float[] b = new float[BLOCK];
    for (int at = 0; at < to.limit(); at += BLOCK) {
      int n = Math.min(BLOCK, to.limit() - at);
      to.get(at, a, 0, n);
      from.get(at, b, 0, n);
      for (int i = 0; i < n; i++) {
        a[i] += b[i];
      }
      to.put(at, a, 0, n);
    }
  }

  /** {@code target += part * (towards - target)}, element by element. */
  public static void approach(ByteBuffer target, ByteBuffer towards, double part) {
    sameLength(target, towards);
    FloatBuffer to = floats(target);
    FloatBuffer from = floats(towards);
    float[] a = new float[BLOCK];
    float[] b = new float[BLOCK];
    float step = (float) part;
    for (int at = 0; at < to.limit(); at += BLOCK) {
      int n = Math.min(BLOCK, to.limit() - at);
      to.get(at, a, 0, n);
      from.get(at, b, 0, n);
      for (int i = 0; i < n; i++) {
        a[i] += step * (b[i] - a[i]);
      }
      to.put(at, a, 0, n);
    }
  }

  /** Copies {@code source} over {@code target}. */
  public static void copy(ByteBuffer source, ByteBuffer target) {
    sameLength(target, source);
    target.put(0, source, 0, source.limit());
  }

  /** Sets all elements to 0. */
  public static void clear(ByteBuffer target) {
    float[] zeros = new float[BLOCK];
    FloatBuffer to = floats(target);
    for (int at = 0; at < to.limit(); at += BLOCK) {
      to.put(at, zeros, 0, Math.min(BLOCK, to.limit() - at));
    }
  }

  /** The Euclidean norm, summed in double precision; NaN or infinite if any element is. */
  public static double norm(ByteBuffer values) {
    double sum = 0;
    for (double block : squares(values)) {
      sum += block;
    }
    return Math.sqrt(sum);
  }

  /** The sum of squares of each {@link #BLOCK}, of which the last may be short. */
  public static double[] squares(ByteBuffer values) {
    FloatBuffer from = floats(values);
    float[] a = new float[BLOCK];
    double[] squares = new double[(from.limit() + BLOCK - 1) / BLOCK];
    for (int block = 0; block < squares.length; block++) {
      int n = Math.min(BLOCK, from.limit() - block * BLOCK);
      from.get(block * BLOCK, a, 0, n);
      squares[block] = sumOfSquares(a, n);
    }
    return squares;
  }

  /** In four interleaved lanes, so that one addition need not wait for the one before. */
  private static double sumOfSquares(float[] a, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = 0;
    for (; i + 3 < n; i += 4) {
      s0 += (double) a[i] * a[i];
      s1 += (double) a[i + 1] * a[i + 1];
      s2 += (double) a[i + 2] * a[i + 2];
      s3 += (double) a[i + 3] * a[i + 3];
    }
    for (; i < n; i++) {
      s0 += (double) a[i] * a[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /**
   * The factor that brings {@code norm} down to {@code limit}; 1 if it is within, or limit is 0.
   */
  public static double clipScale(double norm, double limit) {
    return limit <= 0 || norm <= limit ? 1 : limit / norm;
  }

  /** The whole of {@code buffer} as floats. */
  static FloatBuffer floats(ByteBuffer buffer) {
    return buffer.duplicate().order(ByteOrder.nativeOrder()).position(0).asFloatBuffer();
  }

  private static void sameLength(ByteBuffer a, ByteBuffer b) {
    if (a.limit() != b.limit()) {
      throw new IllegalArgumentException(
          "buffers of " + a.limit() + " and " + b.limit() + " bytes (expected: the same)");
    }
  }
}
