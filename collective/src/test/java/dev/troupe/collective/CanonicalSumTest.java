package dev.troupe.collective;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.core.Communicator;
import dev.troupe.core.DType;
import dev.troupe.core.SumTree;
import dev.troupe.core.SumTree.Node;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A sum over a tree has the same bits however its leaves are spread over ranks and hosts. */
class CanonicalSumTest {
  private static final CollectiveConfig CONFIG = CollectiveConfig.defaults().withChunkBytes(4096);

  @Provide
  Arbitrary<int[]> hosts() {
    return Arbitraries.integers().between(0, 3).array(int[].class).ofMinSize(1).ofMaxSize(6);
  }

  @Property(tries = 60, shrinking = ShrinkingMode.OFF)
  void sameBitsForAnySplit(
      @ForAll("hosts") int[] hosts,
      @ForAll @IntRange(min = 1, max = 40) int leaves,
      @ForAll @IntRange(min = 0, max = 5000) int elements,
      @ForAll boolean arena,
      @ForAll long seed) {
    SumTree tree = new SumTree(leaves);
    List<float[]> values = Reference.leaves(leaves, elements, seed, DType.F32);
    byte[] expected = Reference.bytes(Reference.sum(tree, tree.root(), values), DType.F32);
    try (Gang gang = new Gang(CONFIG, hosts)) {
      List<byte[]> sums = gang.run(1, c -> sum(c, tree, values, DType.F32, arena));
      assertThat(sums).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
    }
  }

  /** Each rank sums into the buffer of its first part, as far as it has any. */
  private static byte[] sum(
      Communicator c, SumTree tree, List<float[]> leaves, DType type, boolean arena) {
    int bytes = leaves.get(0).length * type.bytes();
    List<ByteBuffer> parts = new ArrayList<>();
    for (Node node : tree.cover(tree.leavesOf(c.rank(), c.size()))) {
      ByteBuffer part = Reference.direct(bytes);
      Reference.put(part, Reference.sum(tree, node, leaves), type);
      parts.add(part);
    }
    ByteBuffer result = arena ? c.allocate(bytes) : Reference.direct(bytes);
    if (!parts.isEmpty() && bytes > 0) {
      result.put(0, parts.get(0), 0, bytes);
      parts.set(0, result);
    }
    c.allReduce(tree, parts, result, type);
    return Reference.bytes(result);
  }

  /** With a rank for each leaf nothing is rounded but the result. */
  @Test
  void bf16IsRoundedOnceToNearestEven() {
    float[] special = {
      0f,
      -0f,
      1f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      Float.MIN_VALUE,
      1 + 1 / 256f,
      1 + 3 / 256f
    };
    List<float[]> leaves = Reference.leaves(5, special.length, 3, DType.BF16);
    System.arraycopy(Reference.rounded(special), 0, leaves.get(0), 0, special.length);
    Arrays.fill(leaves.get(1), 1 / 256f);
    SumTree tree = new SumTree(5);
    byte[] expected = Reference.bytes(Reference.sum(tree, tree.root(), leaves), DType.BF16);
    for (int[] hosts : new int[][] {{0, 0, 0, 0, 0}, {0, 1, 2, 3, 4}, {0, 0, 1, 1, 0}}) {
      try (Gang gang = new Gang(CONFIG, hosts)) {
        List<byte[]> sums = gang.run(1, c -> sum(c, tree, leaves, DType.BF16, false));
        assertThat(sums).allSatisfy(sum -> assertThat(sum).isEqualTo(expected));
      }
    }
  }
}
