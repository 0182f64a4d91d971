package dev.troupe.coordinator.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cluster.protocol.FromCoordinator.RunTasks;
import dev.troupe.cluster.protocol.Payload;
import dev.troupe.cluster.protocol.ToJob.TaskEnd;
import dev.troupe.cluster.protocol.ToJob.TaskSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TaskBoardTest {

  private final FakePort port = new FakePort();

  private TaskBoard board(boolean resumed) {
    return new TaskBoard("fake", resumed, FakePort.SETTINGS, port);
  }

  private static TaskSpec task(String key) {
    return new TaskSpec(key, "demo.Task", Payload.inline("1"), "hash");
  }

  private List<String> run() {
    return port.sent(RunTasks.class).stream()
        .flatMap(m -> m.tasks().stream())
        .map(t -> t.spec().key())
        .toList();
  }

  private static TaskEnd end(String key) {
    return new TaskEnd(key, 1, Payload.inline("1"), null, 1.0);
  }

  @Test
  void whatAWorkerHoldsIsNotRunAgainElsewhereAfterARestart() {
    TaskBoard board = board(true);
    board.submit(task("a"), null);
    board.submit(task("b"), null);
    board.onGranted(List.of(FakePort.taskSlot("here", "worker-1")));
    assertThat(run()).as("nothing runs before workers could tell").isEmpty();
    // The other worker finds the coordinator a little later: it is at "a".
    board.onHeld(FakePort.taskSlot("there", "worker-2"), List.of("a"));
    port.now += FakePort.SETTINGS.settle().toMillis();
    board.onTick();
    assertThat(run()).containsExactly("b");
    board.onEnd("there", end("a"));
    assertThat(board.open()).isEqualTo(1);
  }

  @Test
  void whatAWorkerBeganBesideItsDriverIsNotRunAgainThoughItsLeaseIsHeardOfLater() {
    TaskBoard board = board(true);
    board.onGranted(List.of(FakePort.taskSlot("here", "worker-1")));
    board.submit(task("a"), "there");
    // What the worker holds was noted down before it began "a", and comes by another way.
    board.onHeld(FakePort.taskSlot("there", "worker-2"), List.of());
    pass(FakePort.SETTINGS.settle().toMillis());
    board.onTick();
    assertThat(run()).isEmpty();
    board.onEnd("there", end("a"));
    assertThat(board.open()).isZero();
  }

  @Test
  void whatAWorkerBeganUnderALeaseThatWasGivenBackHasTimeToEndBeforeAnotherRunsIt() {
    TaskBoard board = board(false);
    board.onGranted(List.of(FakePort.taskSlot("here", "worker-1")));
    board.submit(task("a"), "over");
    board.submit(task("b"), "over");
    board.dispatch();
    assertThat(run()).isEmpty();
    board.onEnd("over", end("a"));
    pass(FakePort.SETTINGS.leaseEndHeard().toMillis());
    board.onTick();
    assertThat(run()).containsExactly("b");
  }

  private void pass(long millis) {
    port.now += millis;
  }

  @Test
  void aNewJobDoesNotWait() {
    TaskBoard board = board(false);
    board.submit(task("a"), null);
    board.onGranted(List.of(FakePort.taskSlot("lease", "worker-1")));
    assertThat(run()).containsExactly("a");
  }

  @Test
  void aLeaseWhoseUnknownTasksCameBackIsReleased() {
    TaskBoard board = board(true);
    board.onHeld(FakePort.taskSlot("lease", "worker-1"), List.of("never-submitted"));
    board.onReturned("lease", List.of("never-submitted"));
    assertThat(port.released).extracting(FakePort.Released::leaseId).containsExactly("lease");
  }

  @Test
  void theTaskAtTheHeadOfALostLeaseHasUsedATryAndFailsAfterTheLast() {
    TaskBoard board = board(false);
    board.submit(task("a"), null);
    Map<TaskSpec, String> failed = Map.of();
    for (int attempt = 1; attempt <= FakePort.SETTINGS.taskAttempts(); attempt++) {
      assertThat(failed).isEmpty();
      board.onGranted(List.of(FakePort.taskSlot("lease-" + attempt, "worker-" + attempt)));
      port.now += 60_000;
      board.onTick();
      assertThat(run()).hasSizeGreaterThanOrEqualTo(attempt);
      failed = board.onLeaseLost("lease-" + attempt);
    }
    assertThat(failed).containsEntry(task("a"), "worker lost 5 times, last worker-5");
    assertThat(board.open()).isZero();
  }

  @Test
  void anotherInputUnderAKeyIsSeen() {
    TaskBoard board = board(false);
    assertThat(board.submit(task("a"), null)).isEqualTo(TaskBoard.Submitted.NEW);
    assertThat(board.submit(task("a"), null)).isEqualTo(TaskBoard.Submitted.KNOWN);
    assertThat(board.submit(new TaskSpec("a", "demo.Task", Payload.inline("2"), "other"), null))
        .isEqualTo(TaskBoard.Submitted.OTHER_INPUT);
  }
}
