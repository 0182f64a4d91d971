package dev.troupe.collective.internal;

import dev.troupe.core.DType;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
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
  /**
   * Elements a tile. Several fit the first-level cache; and a copy of less than 4 KiB between a
   * buffer and an array takes another path in HotSpot, which was measured 1.5 times as fast.
   */
  static final int TILE = 512;

  private float[][] stack = new float[0][];
  private final int[] pairs = new int[TILE / 2];
  private final int[] words = new int[TILE];

  /** Reinterprets bits between {@code int[]} and {@code float[]} by two block copies. */
  private final ByteBuffer bits = Memory.direct(TILE * Integer.BYTES);

  private final IntBuffer intBits = bits.asIntBuffer();
  private final FloatBuffer floatBits = bits.asFloatBuffer();

  /**
   * Sums {@code inputs} in the order of {@code merge} into each of {@code outputs}. All buffers are
   * taken from position to limit and have the same length, a multiple of the element's size. An
   * output may be the same memory as an input.
   */
  void sum(Merge merge, List<ByteBuffer> inputs, List<ByteBuffer> outputs, DType type) {
    if (type == DType.F32) {
      sumF32(merge, inputs, outputs);
    } else {
      sumBf16(merge, inputs, outputs);
    }
  }

  private void sumF32(Merge merge, List<ByteBuffer> inputs, List<ByteBuffer> outputs) {
    FloatBuffer[] in = inputs.stream().map(ByteBuffer::asFloatBuffer).toArray(FloatBuffer[]::new);
    FloatBuffer[] out = outputs.stream().map(ByteBuffer::asFloatBuffer).toArray(FloatBuffer[]::new);
    int elements = in[0].remaining();
    for (int at = 0; at < elements; at += TILE) {
      int length = Math.min(TILE, elements - at);
      int depth = 0;
      for (int step : merge.steps()) {
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

  /**
   * Two BF16 values are handled as one {@code int}, since the JIT makes no vector code of loops
   * that mix element sizes: a tile holds the lower halves of all pairs, then the upper halves.
   */
  private void sumBf16(Merge merge, List<ByteBuffer> inputs, List<ByteBuffer> outputs) {
    int elements = inputs.get(0).remaining() / Short.BYTES;
    for (int at = 0; at < elements; at += TILE) {
      int length = Math.min(TILE, elements - at);
      int count = (length + 1) / 2;
      int depth = 0;
      for (int step : merge.steps()) {
        if (step == Merge.ADD) {
          depth--;
          add(tile(depth - 1), tile(depth), 2 * count);
        } else {
          loadPairs(inputs.get(step), at, length);
          widen(tile(depth++), count);
        }
      }
      narrow(tile(0), count);
      for (ByteBuffer output : outputs) {
        storePairs(output, at, length);
      }
    }
  }

  private void loadPairs(ByteBuffer from, int at, int length) {
    int start = from.position() + at * Short.BYTES;
    Memory.slice(from, start, length * Short.BYTES).asIntBuffer().get(0, pairs, 0, length / 2);
    if (length % 2 == 1) {
      pairs[length / 2] = from.getShort(start + (length - 1) * Short.BYTES);
    }
  }

  private void storePairs(ByteBuffer to, int at, int length) {
    int start = to.position() + at * Short.BYTES;
    Memory.slice(to, start, length * Short.BYTES).asIntBuffer().put(0, pairs, 0, length / 2);
    if (length % 2 == 1) {
      to.putShort(start + (length - 1) * Short.BYTES, (short) pairs[length / 2]);
    }
  }

  private static void add(float[] to, float[] from, int length) {
    for (int i = 0; i < length; i++) {
      to[i] += from[i];
    }
  }

  private void widen(float[] to, int count) {
    for (int i = 0; i < count; i++) {
      words[i] = pairs[i] << 16;
    }
    for (int i = 0; i < count; i++) {
      words[count + i] = pairs[i] & 0xffff0000;
    }
    intBits.put(0, words, 0, 2 * count);
    floatBits.get(0, to, 0, 2 * count);
  }

  /** Rounds to nearest, ties to even; a NaN stays one. Free of branches. */
  private void narrow(float[] from, int count) {
    floatBits.put(0, from, 0, 2 * count);
    intBits.get(0, words, 0, 2 * count);
    for (int i = 0; i < 2 * count; i++) {
      int x = words[i];
      int rounded = x + 0x7fff + ((x >>> 16) & 1);
      int nan = (0x7f800000 - (x & 0x7fffffff)) >> 31;
      words[i] = (rounded & ~nan) | ((x | 0x400000) & nan);
    }
    for (int i = 0; i < count; i++) {
      pairs[i] = (words[i] >>> 16) | (words[count + i] & 0xffff0000);
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
