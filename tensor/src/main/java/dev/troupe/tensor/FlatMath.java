package dev.troupe.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Arithmetic on flat fp32 buffers (direct, native order, from 0 to limit), in an order that depends
 * on the length alone.
 */
public final class FlatMath {

  private FlatMath() {}

  /** A zeroed direct buffer in native order for {@code elements} floats. */
  public static ByteBuffer allocate(int elements) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(elements, Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }

  /** {@code target += summand}, element by element. */
  public static void add(ByteBuffer target, ByteBuffer summand) {
    Skeleton.missing();
  }

  /** Copies {@code source} over {@code target}. */
  public static void copy(ByteBuffer source, ByteBuffer target) {
    target.duplicate().clear().put(0, source, 0, source.limit());
  }

  /** The Euclidean norm, in double precision; NaN or infinite if any element is. */
  public static double norm(ByteBuffer values) {
    return Skeleton.missing();
  }

  /**
   * The factor that brings {@code norm} down to {@code limit}; 1 if it is within, or limit is 0.
   */
  public static double clipScale(double norm, double limit) {
    return limit <= 0 || norm <= limit ? 1 : limit / norm;
  }
}
