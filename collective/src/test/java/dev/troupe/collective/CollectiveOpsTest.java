package dev.troupe.collective;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.core.Communicator;
import dev.troupe.core.Communicator.Pending;
import dev.troupe.core.DType;
import dev.troupe.core.Shard;
import dev.troupe.core.SumTree;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation, with ranks as threads, over each way that ranks can reach each other. */
class CollectiveOpsTest {
  private static final CollectiveConfig SMALL =
      CollectiveConfig.defaults()
          .withChunkBytes(4096)
          .withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(20));
  private static final int[] ELEMENTS = {0, 1, 3, 17, 1000, 70_001};

  /** Hosts of the ranks: all on one, each on its own, and mixed, contiguous and not. */
  static Stream<Arguments> hosts() {
    return Stream.of(
            new int[] {0},
            new int[] {0, 0},
            new int[] {0, 0, 0},
            new int[] {0, 0, 0, 0, 0, 0, 0, 0},
            new int[] {0, 1},
            new int[] {0, 1, 2},
            new int[] {0, 1, 2, 3, 4, 5, 6, 7},
            new int[] {0, 0, 1},
            new int[] {0, 1, 0, 1},
            new int[] {0, 0, 0, 1, 1, 2, 2, 2})
        .map(hosts -> Arguments.of(Arrays.toString(hosts), hosts));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hosts")
  void sumsAreTheSameBitsOnAllRanks(String name, int[] hosts) {
    try (Gang gang = new Gang(SMALL, hosts)) {
      gang.run(
          1,
          c -> {
            for (DType type : DType.values()) {
              for (int elements : ELEMENTS) {
                for (boolean arena : new boolean[] {false, true}) {
                  allReduce(c, type, elements, arena);
                }
              }
            }
            return null;
          });
    }
  }

  private static void allReduce(Communicator c, DType type, int elements, boolean arena) {
    SumTree tree = new SumTree(c.size());
    List<float[]> leaves = Reference.leaves(c.size(), elements, 7, type);
    int bytes = elements * type.bytes();
    ByteBuffer data = arena ? c.allocate(bytes) : Reference.direct(bytes);
    Reference.put(data, leaves.get(c.rank()), type);
    c.allReduce(data, type);
    byte[] expected = Reference.bytes(Reference.sum(tree, tree.root(), leaves), type);
    assertThat(Reference.bytes(data)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hosts")
  void reduceScatterThenAllGatherIsAllReduce(String name, int[] hosts) {
    try (Gang gang = new Gang(SMALL, hosts)) {
      gang.run(
          1,
          c -> {
            for (int elements : ELEMENTS) {
              scatterAndGather(c, elements);
              scatterInPlace(c, elements, 4);
              scatterInPlace(c, elements, 4096);
            }
            return null;
          });
    }
  }

  private static void scatterAndGather(Communicator c, int elements) {
    int from = (int) ((long) c.rank() * elements / c.size());
    int to = (int) ((long) (c.rank() + 1) * elements / c.size());
    SumTree tree = new SumTree(c.size());
    List<float[]> leaves = Reference.leaves(c.size(), elements, 11, DType.F32);
    ByteBuffer part = Reference.direct(elements * 4);
    Reference.put(part, leaves.get(c.rank()), DType.F32);
    ByteBuffer all = Reference.direct(elements * 4);
    ByteBuffer range = all.slice(from * 4, (to - from) * 4).order(part.order());
    c.reduceScatter(tree, List.of(part), range, DType.F32);
    byte[] expected = Reference.bytes(Reference.sum(tree, tree.root(), leaves), DType.F32);
    assertThat(Reference.bytes(range)).isEqualTo(Arrays.copyOfRange(expected, from * 4, to * 4));
    c.allGather(all, 4);
    assertThat(Reference.bytes(all)).isEqualTo(expected);
  }

  /** In the background, the sum over one of its parts, in shards of whole units. */
  private static void scatterInPlace(Communicator c, int elements, int unit) {
    Shard own = Shard.of(elements * 4, unit, c.rank(), c.size());
    SumTree tree = new SumTree(c.size());
    List<float[]> leaves = Reference.leaves(c.size(), elements, 12, DType.F32);
    ByteBuffer part = c.allocate(elements * 4);
    Reference.put(part, leaves.get(c.rank()), DType.F32);
    ByteBuffer range = part.slice(own.from(), own.length()).order(part.order());
    c.reduceScatterAsync(tree, List.of(part), range, DType.F32, unit).await();
    byte[] expected = Reference.bytes(Reference.sum(tree, tree.root(), leaves), DType.F32);
    assertThat(Reference.bytes(range))
        .isEqualTo(Arrays.copyOfRange(expected, own.from(), own.end()));
    c.allGather(part, unit);
    assertThat(Reference.bytes(part)).isEqualTo(expected);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hosts")
  void broadcastReachesAll(String name, int[] hosts) {
    try (Gang gang = new Gang(SMALL, hosts)) {
      gang.run(
          1,
          c -> {
            for (int bytes : new int[] {0, 1, 5000, 300_001}) {
              for (int root = 0; root < c.size(); root++) {
                ByteBuffer data = root % 2 == 0 ? Reference.direct(bytes) : c.allocate(bytes);
                byte[] expected = new byte[bytes];
                Arrays.fill(expected, (byte) (root + 1));
                if (c.rank() == root) {
                  data.put(0, expected);
                }
                c.broadcast(data, root);
                assertThat(Reference.bytes(data)).isEqualTo(expected);
              }
            }
            c.barrier();
            return null;
          });
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hosts")
  void backgroundOperationsRunInOrder(String name, int[] hosts) {
    try (Gang gang = new Gang(SMALL, hosts)) {
      gang.run(
          1,
          c -> {
            SumTree tree = new SumTree(c.size());
            List<ByteBuffer> buckets = new ArrayList<>();
            List<Pending> pending = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
              ByteBuffer bucket = c.allocate(40_000);
              bucket.asFloatBuffer().put(9_999, c.rank() + i);
              buckets.add(bucket);
            }
            for (ByteBuffer bucket : buckets) {
              pending.add(c.allReduceAsync(tree, List.of(bucket), bucket, DType.F32));
            }
            ByteBuffer last = Reference.direct(4);
            last.putFloat(0, 1);
            c.allReduce(last, DType.F32);
            assertThat(last.getFloat(0)).isEqualTo(c.size());
            pending.forEach(Pending::await);
            int ranks = c.size() * (c.size() - 1) / 2;
            for (int i = 0; i < 5; i++) {
              float sum = buckets.get(i).asFloatBuffer().get(9_999);
              assertThat(sum).isEqualTo(ranks + i * c.size());
            }
            assertThat(c.stats().bytes()).isEqualTo(5 * 40_000 + 4);
            return null;
          });
    }
  }

  @Test
  void someMebibytesThroughEveryPath() {
    CollectiveConfig config = CollectiveConfig.defaults();
    for (int[] hosts : new int[][] {{0, 0}, {0, 1}, {0, 0, 1, 1}}) {
      try (Gang gang = new Gang(config, hosts)) {
        gang.run(
            1,
            c -> {
              allReduce(c, DType.F32, 500_003, true);
              allReduce(c, DType.F32, 500_003, false);
              allReduce(c, DType.BF16, 500_003, true);
              return null;
            });
      }
    }
  }
}
