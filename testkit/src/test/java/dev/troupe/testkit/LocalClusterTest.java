package dev.troupe.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.troupe.core.BlobRef;
import dev.troupe.core.Checkpoint;
import dev.troupe.core.GangContext;
import dev.troupe.core.GangMember;
import dev.troupe.core.GangSize;
import dev.troupe.core.JobContext;
import dev.troupe.core.Task;
import dev.troupe.core.TaskContext;
import dev.troupe.core.TaskFailedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalClusterTest {

  private record Square(int number) implements Task<Integer> {
    @Override
    public Integer run(TaskContext context) {
      if (number < 0) {
        throw new IllegalArgumentException("number: " + number + " (expected: 0 or more)");
      }
      context.artifact(
          "square/" + number, Integer.toString(number * number).getBytes(StandardCharsets.UTF_8));
      return number * number;
    }
  }

  /** Adds its size up for so many steps; the state is one number. */
  private record Count(long steps) implements GangMember<Long> {
    @Override
    public Long run(GangContext gang) {
      gang.checkpointEvery(2);
      Checkpoint from = gang.resume().orElse(null);
      long step = from == null ? 0 : from.step();
      long sum = from == null ? 0 : from.read("sum").getLong();
      while (step < steps) {
        sum += gang.size();
        step++;
        long now = sum;
        gang.endStep(step, sink -> sink.put("sum", ByteBuffer.allocate(8).putLong(0, now)));
      }
      return sum;
    }
  }

  @Test
  void tasksRunAndLeaveArtifacts() throws Exception {
    try (LocalCluster cluster = new LocalCluster(2)) {
      JobContext job = cluster.job();
      var nine = job.submit("b", new Square(3));
      assertThat(job.submit("a", new Square(4)).get()).isEqualTo(16);
      assertThat(nine.get()).isEqualTo(9);
      assertThat(cluster.tasks()).containsExactly("b", "a");
      assertThat(cluster.text("square/3")).isEqualTo("9");
    }
  }

  private record Scribble(String text) implements Task<String> {
    @Override
    public String run(TaskContext context) throws IOException {
      assertThat(context.scratch()).isEmptyDirectory();
      Files.writeString(context.scratch().resolve("note"), text);
      return context.scratch().toString();
    }
  }

  @Test
  void scratchFoldersAreATasksOwnAndGoWithTheCluster() throws Exception {
    Path one;
    try (LocalCluster cluster = new LocalCluster(1)) {
      one = Path.of(cluster.job().submit("a", new Scribble("one")).get());
      assertThat(one.resolve("note")).hasContent("one");
      assertThat(cluster.job().submit("b", new Scribble("two")).get()).isNotEqualTo("" + one);
    }
    assertThat(one).doesNotExist();
  }

  @Test
  void aDriverThatIsRunAgainFindsItsResultsByKey() throws Exception {
    try (LocalCluster cluster = new LocalCluster(1)) {
      var first = cluster.job().submit("a", new Square(4));
      assertThat(cluster.job().submit("a", new Square(4))).isSameAs(first);
      assertThatThrownBy(() -> cluster.job().submit("a", new Square(5)))
          .hasMessage("key 'a' was submitted before with another input");
    }
  }

  @Test
  void aTasksErrorReachesItsDriver() {
    try (LocalCluster cluster = new LocalCluster(1)) {
      assertThatThrownBy(() -> cluster.job().submit("a", new Square(-1)).get())
          .hasMessage("a: number: -1 (expected: 0 or more)")
          .isInstanceOfSatisfying(
              TaskFailedException.class,
              e -> assertThat(e.remoteStack()).contains("LocalClusterTest$Square.run"));
    }
  }

  @Test
  void aGangGoesOnFromItsCheckpointBehindALoss() throws Exception {
    try (LocalCluster cluster = new LocalCluster(2, new LocalCluster.Loss(5, 1))) {
      // four steps of 2 ranks are saved; the fifth is lost, and 1 rank goes on
      long sum = cluster.job().gang("count", new GangSize(1, 2), new Count(6)).get();
      assertThat(sum).isEqualTo(4 * 2 + 2);
      assertThat(cluster.generations()).isEqualTo(2);
      assertThat(cluster.gangs()).isEqualTo(List.of("count"));
    }
  }

  /** A member with an assertion of its own that does not hold. */
  private record Broken() implements GangMember<Long> {
    @Override
    public Long run(GangContext gang) {
      throw new AssertionError("rank " + gang.rank() + " of " + gang.size());
    }
  }

  @Test
  void aMembersErrorReachesItsDriver() {
    try (LocalCluster cluster = new LocalCluster(1)) {
      assertThatThrownBy(() -> cluster.job().gang("broken", GangSize.of(1), new Broken()).get())
          .isInstanceOf(TaskFailedException.class)
          .hasMessage("broken: rank 0 of 1");
    }
  }

  @Test
  void aGangThatHasTooFewRanksLeftFails() {
    try (LocalCluster cluster = new LocalCluster(2, new LocalCluster.Loss(1, 1))) {
      assertThatThrownBy(() -> cluster.job().gang("count", GangSize.of(2), new Count(6)).get())
          .hasMessage("count: gang 'count': 1 ranks are left (expected: at least 2)");
    }
  }

  @Test
  void anArtifactThatIsNotThereIsNamed() {
    try (LocalCluster cluster = new LocalCluster(1)) {
      assertThatThrownBy(() -> cluster.text("report.html"))
          .hasMessage("artifact 'report.html': not written (expected: one of [])");
    }
  }

  @Test
  void aBlobThatIsNotThereIsNamed() {
    BlobRef blob = new BlobRef("0".repeat(64), 1);
    assertThatThrownBy(() -> new MemoryStore().get(blob)).hasMessageContaining("0000");
  }
}
