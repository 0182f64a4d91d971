package dev.troupe.collective.internal;

import dev.troupe.core.DType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.List;

/**
 * Adds buffers in the order that a {@link Merge} prescribes, tile by tile, so that each byte comes
 * from memory once and goes back once whatever the number of summands.
 *
 * <p>A tile is copied to a heap array and added there: the JIT makes vector code of loops over
 * {@code float[]}, and in Java 17 not of loops over buffers. The copies hit the first-level cache.
 * Not for use by several threads.
 */
final class Summation {
  /** Elements a tile: two of them in F32 fill half of a usual 32 KiB first-level cache. */
  static final int TILE = 2048;

  private float[][] stack = new float[0][];
  private final short[] halves = new short[TILE];
  private final int[] words = new int[TILE];

  /** Reinterprets bits between {@code int[]} and {@code float[]} by two block copies. */
  private final ByteBuffer bits = Memory.direct(TILE * Integer.BYTES);

  private final IntBuffer intBits = bits.asIntBuffer();
  private final FloatBuffer floatBits = bits.asFloatBuffer();

  /**
   * Sums {@code inputs} in the order of {@code steps} into each of {@code outputs}. All buffers are
   * taken from position to limit and have the same length, a multiple of the element's size. An
   * output may be the same memory as an input.
   */
  void sum(Merge steps, List<ByteBuffer> inputs, List<ByteBuffer> outputs, DType type) {
    if (type == DType.F32) {
      sumF32(steps, inputs, outputs);
    } else {
      sumBf16(steps, inputs, outputs);
    }
  }

  private void sumF32(Merge steps, List<ByteBuffer> inputs, List<ByteBuffer> outputs) {
    FloatBuffer[] in = inputs.stream().map(ByteBuffer::asFloatBuffer).toArray(FloatBuffer[]::new);
    FloatBuffer[] out = outputs.stream().map(ByteBuffer::asFloatBuffer).toArray(FloatBuffer[]::new);
    int elements = in[0].remaining();
    for (int at = 0; at < elements; at += TILE) {
      int length = Math.min(TILE, elements - at);
      int depth = 0;
      for (int step : steps.steps()) {
        if (step == Merge.ADD) {
          depth--;
          add(tile(depth - 1), tile(depth), length);
        } else {
          in[step].get(at, tile(depth++), 0, length);
        }
      }
      for (FloatBuffer buffer : out) {
        buffer.put(at, tile(0), 0, length);
      }
    }
  }

  private void sumBf16(Merge steps, List<ByteBuffer> inputs, List<ByteBuffer> outputs) {
    ShortBuffer[] in = inputs.stream().map(ByteBuffer::asShortBuffer).toArray(ShortBuffer[]::new);
    ShortBuffer[] out = outputs.stream().map(ByteBuffer::asShortBuffer).toArray(ShortBuffer[]::new);
    int elements = in[0].remaining();
    for (int at = 0; at < elements; at += TILE) {
      int length = Math.min(TILE, elements - at);
      int depth = 0;
      for (int step : steps.steps()) {
        if (step == Merge.ADD) {
          depth--;
          add(tile(depth - 1), tile(depth), length);
        } else {
          in[step].get(at, halves, 0, length);
          widen(tile(depth++), length);
        }
      }
      narrow(tile(0), length);
      for (ShortBuffer buffer : out) {
        buffer.put(at, halves, 0, length);
      }
    }
  }

  private static void add(float[] to, float[] from, int length) {
    for (int i = 0; i < length; i++) {
      to[i] += from[i];
    }
  }

  private void widen(float[] to, int length) {
    for (int i = 0; i < length; i++) {
      words[i] = halves[i] << 16;
    }
    intBits.put(0, words, 0, length);
    floatBits.get(0, to, 0, length);
  }

  /** Rounds to nearest, ties to even; a NaN stays one. Free of branches. */
  private void narrow(float[] from, int length) {
    floatBits.put(0, from, 0, length);
    intBits.get(0, words, 0, length);
    for (int i = 0; i < length; i++) {
      int x = words[i];
      int rounded = x + 0x7fff + ((x >>> 16) & 1);
      int nan = (0x7f800000 - (x & 0x7fffffff)) >> 31;
      halves[i] = (short) (((rounded & ~nan) | ((x | 0x400000) & nan)) >>> 16);
    }
  }

  private float[] tile(int depth) {
    if (depth >= stack.length) {
      float[][] deeper = new float[depth + 1][];
      System.arraycopy(stack, 0, deeper, 0, stack.length);
      deeper[depth] = new float[TILE];
      stack = deeper;
    }
    return stack[depth];
  }
}
