package dev.troupe.collective;

import dev.troupe.core.DType;
import dev.troupe.core.SumTree;
import dev.troupe.core.SumTree.Node;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Sums along a tree, written as plainly as can be. */
final class Reference {
  private Reference() {}

  /** Leaves whose sums depend on the order: magnitudes spread over 40 powers of two. */
  static float[] leaf(int leaf, int elements, long seed) {
    SplittableRandom random = new SplittableRandom(seed * 1_000_003 + leaf);
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = Math.scalb(random.nextInt() >> 8, random.nextInt(40) - 40);
    }
    return values;
  }

  /** The sum of a node's leaves: of its children, the right one left out if it has no leaf. */
  static float[] sum(SumTree tree, Node node, List<float[]> leaves) {
    if (node.level() == 0) {
      return leaves.get(node.index()).clone();
    }
    Node left = new Node(node.level() - 1, 2 * node.index());
    Node right = new Node(node.level() - 1, 2 * node.index() + 1);
    float[] sum = sum(tree, left, leaves);
    if (right.firstLeaf() < tree.leaves()) {
      float[] other = sum(tree, right, leaves);
      for (int i = 0; i < sum.length; i++) {
        sum[i] = sum[i] + other[i];
      }
    }
    return sum;
  }

  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    int low = bits & 0xffff;
    int high = bits >>> 16;
    boolean up = low > 0x8000 || (low == 0x8000 && (high & 1) == 1);
    return (short) (up ? high + 1 : high);
  }

  static float fromBf16(short half) {
    return Float.intBitsToFloat(half << 16);
  }

  static float[] rounded(float[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = fromBf16(toBf16(values[i]));
    }
    return rounded;
  }

  static void put(ByteBuffer buffer, float[] values, DType type) {
    for (int i = 0; i < values.length; i++) {
      if (type == DType.F32) {
        buffer.putFloat(buffer.position() + 4 * i, values[i]);
      } else {
        buffer.putShort(buffer.position() + 2 * i, toBf16(values[i]));
      }
    }
  }

  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(buffer.position(), bytes);
    return bytes;
  }

  static byte[] bytes(float[] values, DType type) {
    ByteBuffer buffer = direct(values.length * type.bytes());
    put(buffer, values, type);
    return bytes(buffer);
  }

  /** All leaves. */
  static List<float[]> leaves(int count, int elements, long seed, DType type) {
    List<float[]> leaves = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      float[] leaf = leaf(i, elements, seed);
      leaves.add(type == DType.F32 ? leaf : rounded(leaf));
    }
    return leaves;
  }
}
