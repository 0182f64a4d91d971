package dev.troupe.collective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.troupe.core.Communicator;
import dev.troupe.core.DType;
import dev.troupe.core.GenerationEndedException;
import dev.troupe.core.SumTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How generations begin and end: aborts, fences, refusals, and what they leave behind. */
class GenerationTest {
  private static final CollectiveConfig CONFIG =
      CollectiveConfig.defaults()
          .withChunkBytes(4096)
          .withTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(20));

  @ParameterizedTest
  @EnumSource(Transport.class)
  void abortReleasesWaitingOperationsOnAllRanks(Transport transport) {
    try (Gang gang = Gang.onOneHost(CONFIG.withTransport(transport), 3)) {
      List<Communicator> ranks = gang.join(1);
      Future<GenerationEndedException> waiting =
          gang.each(rank -> () -> rank == 0 ? ended(ranks.get(0)::barrier) : null).get(0);
      ranks.get(1).abort("enough");
      var end = Gang.await(List.of(waiting)).get(0);
      assertThat(end).hasMessage("ended by rank 1 (worker-1): enough");
      assertThat(end.suspect()).isEqualTo(GenerationEndedException.NO_SUSPECT);
      assertThat(ended(ranks.get(2)::barrier)).hasMessage(end.getMessage());
      ranks.forEach(Communicator::close);
    }
  }

  private static GenerationEndedException ended(Runnable operation) {
    return catchThrowableOfType(GenerationEndedException.class, operation::run);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aRankThatDoesNotComeIsLateAndNamed(Transport transport) {
    CollectiveConfig config =
        CONFIG
            .withTransport(transport)
            .withTimeouts(Duration.ofSeconds(20), Duration.ofMillis(300));
    try (Gang gang = Gang.onOneHost(config, 3)) {
      List<Communicator> ranks = gang.join(1);
      ByteBuffer data = Reference.direct(400_000);
      List<GenerationEndedException> ends =
          Gang.await(
              gang.each(
                  rank ->
                      () -> {
                        ByteBuffer own = data.duplicate().order(data.order());
                        return rank == 1
                            ? null
                            : ended(() -> ranks.get(rank).allReduce(own, DType.F32));
                      }));
      for (int rank : new int[] {0, 2}) {
        assertThat(ends.get(rank).suspect()).isEqualTo(1);
        assertThat(ends.get(rank))
            .hasMessageContaining("rank 1 (worker-1) is late: it has not come to all-reduce #1");
      }
      ranks.forEach(Communicator::close);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aRankThatHasLeftIsMissedOnlyByTheNextOperation(Transport transport) {
    try (Gang gang = Gang.onOneHost(CONFIG.withTransport(transport), 2)) {
      List<Communicator> ranks = gang.join(1);
      for (int i = 0; i < 20; i++) {
        Gang.await(gang.each(rank -> () -> barrier(ranks.get(rank))));
      }
      ranks.get(1).close();
      var end = ended(ranks.get(0)::barrier);
      assertThat(end).hasMessage("rank 1 (worker-1) left before barrier #21, which needs it");
      assertThat(end.suspect()).isEqualTo(1);
      ranks.get(0).close();
    }
  }

  private static boolean barrier(Communicator c) {
    c.barrier();
    return true;
  }

  @Test
  void whatFailsInTheBackgroundIsThrownByAwait() {
    try (Gang gang = Gang.onOneHost(CONFIG, 2)) {
      List<Communicator> ranks = gang.join(1);
      ByteBuffer data = Reference.direct(8);
      var pending = ranks.get(0).allReduceAsync(new SumTree(2), List.of(data), data, DType.F32);
      ranks.get(0).abort("enough");
      assertThat(ended(pending::await)).hasMessageEndingWith("enough");
      assertThat(ended(ranks.get(0)::barrier)).hasMessageEndingWith("enough");
      ranks.forEach(Communicator::close);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void differentOperationsAreAnErrorNotAHang(Transport transport) {
    try (Gang gang = Gang.onOneHost(CONFIG.withTransport(transport), 2)) {
      List<Communicator> ranks = gang.join(1);
      List<RuntimeException> errors =
          Gang.await(
              gang.each(
                  rank ->
                      () -> {
                        ByteBuffer data = Reference.direct(4000 + 400 * rank);
                        return catchThrowableOfType(
                            RuntimeException.class,
                            () -> ranks.get(rank).allReduce(data, DType.F32));
                      }));
      assertThat(errors)
          .allSatisfy(
              e -> assertThat(e).hasMessageContaining("does something else as operation #1"));
      ranks.forEach(Communicator::close);
    }
  }

  @Test
  void aNewGenerationEndsTheOldOneAndRefusesIt() {
    try (Gang gang = Gang.onOneHost(CONFIG, 2)) {
      List<Communicator> old = gang.join(1);
      gang.run(2, c -> barrier(c));
      assertThat(ended(old.get(0)::barrier)).hasMessage("generation 2 began");
      assertThatThrownBy(() -> gang.worker(1).join(gang.membership(1, 1)))
          .isInstanceOf(GenerationEndedException.class)
          .hasMessageContaining("generation 1 of " + gang.name() + " is over");
      old.forEach(Communicator::close);
    }
  }

  @Test
  void aStaleRankIsRefusedByOthers() throws IOException {
    try (Gang gang = Gang.onOneHost(CONFIG, 2);
        Collectives restarted = Collectives.open(CONFIG)) {
      gang.worker(0).end(gang.name(), 4, "a rank was lost");
      assertThatThrownBy(() -> restarted.join(gang.membership(4, 1)))
          .isInstanceOf(GenerationEndedException.class)
          .hasMessageContaining("refused the connection: generation 4 of " + gang.name());
    }
  }

  @Test
  void anotherSecretIsRefused() throws IOException {
    try (Gang gang = Gang.onOneHost(CONFIG.withSecret("one"), 2);
        Collectives stranger = Collectives.open(CONFIG.withSecret("two"))) {
      assertThatThrownBy(() -> stranger.join(gang.membership(1, 1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("rank 0 (worker-0)")
          .hasMessageEndingWith("refused the connection: the secret differs");
    }
  }

  @Test
  void otherSettingsAreRefused() throws IOException {
    try (Gang gang = Gang.onOneHost(CONFIG, 2);
        Collectives other = Collectives.open(CONFIG.withChunkBytes(8192))) {
      Future<Throwable> first =
          gang.<Throwable>each(
                  rank ->
                      () ->
                          rank == 0
                              ? ended(() -> gang.worker(0).join(gang.membership(1, 0)))
                              : null)
              .get(0);
      assertThatThrownBy(() -> other.join(gang.membership(1, 1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageEndingWith("chunkBytes: 8192 (expected: 4096, as at rank 0)");
      gang.worker(0).end(gang.name(), 1, "the test is over");
      assertThat(Gang.await(List.of(first)).get(0)).hasMessage("the test is over");
    }
  }

  @Test
  void missingRanksAreNamed() {
    CollectiveConfig config = CONFIG.withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(20));
    try (Gang gang = Gang.onOneHost(config, 3)) {
      var end = ended(() -> gang.worker(1).join(gang.membership(1, 1)));
      assertThat(end)
          .hasMessageContaining("rank 1 (worker-1) waited 0.3 s for all 3 ranks")
          .hasMessageContaining("missing: rank 0 (worker-0)")
          .hasMessageContaining("rank 2 (worker-2)");
    }
  }

  @Test
  void aPortOpenToOthersNeedsASecret() {
    assertThatThrownBy(() -> Collectives.open(CollectiveConfig.defaults().withBind("0.0.0.0", 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("secret: empty (expected: one, since bindHost 0.0.0.0");
  }

  @Test
  void aSmallMemoryFolderIsAClearError(@TempDir Path dir) throws Exception {
    assumeTrue(
        Shell.run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir.toString()),
        "skipped: mounting a small tmpfs needs root");
    try (Gang gang = Gang.onOneHost(CONFIG.withShmDir(dir), 2)) {
      List<RuntimeException> errors =
          gang.run(
              1,
              c -> {
                barrier(c);
                return catchThrowableOfType(RuntimeException.class, () -> c.allocate(2 << 20));
              });
      // The rank that makes the arena fails of its own; the other learns why before or after it has
      // come to ask for its part.
      assertThat(errors.get(0)).isInstanceOf(IllegalStateException.class);
      assertThat(errors)
          .allSatisfy(
              e ->
                  assertThat(e)
                      .hasMessageContaining("needs 4.0 MiB")
                      .hasMessageContaining("MiB free in " + dir));
      try (Stream<Path> left = Files.list(dir)) {
        assertThat(left).isEmpty();
      }
    } finally {
      Shell.run("umount", dir.toString());
    }
  }

  @Test
  void aThousandGenerationsLeaveNothingBehind() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "skipped: counts files as Linux does");
    try (Gang gang = new Gang(CONFIG, 0, 0, 1)) {
      for (long generation = 1; generation <= 1000; generation++) {
        if (generation == 50) {
          awaitAtMost(120, 60);
        }
        gang.run(
            generation,
            c -> {
              ByteBuffer data = c.allocate(4096);
              data.putFloat(0, 1);
              c.allReduce(data, DType.F32);
              assertThat(data.getFloat(0)).isEqualTo(3);
              return null;
            });
      }
      awaitAtMost(120, 60);
      long arenas;
      try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
        arenas = maps.filter(line -> line.contains(".arena")).count();
      }
      assertThat(arenas).isZero();
    }
  }

  /** Connections of an orderly end may linger for a few seconds. */
  private static void awaitAtMost(int files, int threads) throws IOException {
    long deadline = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (openFiles() > files || Thread.activeCount() > threads) {
      assertThat(System.nanoTime())
          .as("%d open files, %d threads", openFiles(), Thread.activeCount())
          .isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private static long openFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      return files.count();
    }
  }
}
