package dev.troupe.cli.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.cli.testkit.TestIo;
import dev.troupe.proto.v1.Job;
import dev.troupe.proto.v1.JobState;
import dev.troupe.proto.v1.Metric;
import dev.troupe.proto.v1.Progress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressDisplayTest {

  private static final String CLEAR = "\r\u001b[K";

  @TempDir private Path folder;
  private final AtomicLong nanos = new AtomicLong();

  @Test
  void aTerminalGetsOneLineAPhaseDrawnInPlace() {
    TestIo io = new TestIo(folder).terminal().env("NO_COLOR", "1");
    ProgressDisplay display = new ProgressDisplay(io.io(), nanos::get);
    display.update(training(0, 4));
    seconds(10);
    display.update(training(100, 2));
    display.update(ended());

    String[] lines = io.err().split(Pattern.quote(CLEAR), -1);
    assertThat(lines[1])
        .isEqualTo("train            ──────────────────── 0/400  loss 4  1,000 tokens/s");
    assertThat(lines[2])
        .isEqualTo(
            "train            ━━━━━─────────────── 100/400  30s left  loss 2  1,000 tokens/s");
    assertThat(io.err()).endsWith("train            100/400  in 10s  loss 2  1,000 tokens/s\n");
  }

  @Test
  void plainOutputGetsALineNowAndThen() {
    TestIo io = new TestIo(folder);
    ProgressDisplay display = new ProgressDisplay(io.io(), nanos::get);
    for (int step = 0; step <= 100; step++) {
      display.update(training(step, 4));
      nanos.addAndGet(Duration.ofMillis(100).toNanos());
    }
    display.update(ended());
    assertThat(io.err().lines()).hasSize(4); // at 0, 5 and 10 s, and at the end
    assertThat(io.err()).doesNotContain("\u001b").doesNotContain("\r");
  }

  @Test
  void aPhaseThatIsSeenCompleteGetsOneLine() {
    TestIo io = new TestIo(folder);
    ProgressDisplay display = new ProgressDisplay(io.io(), nanos::get);
    display.update(training(400, 2));
    seconds(1);
    display.update(ended());
    assertThat(io.err()).isEqualTo("train            400/400  in 1.0s  loss 2  1,000 tokens/s\n");
  }

  @Test
  void aWaitingJobSaysItsReasonOnce() {
    TestIo io = new TestIo(folder);
    ProgressDisplay display = new ProgressDisplay(io.io(), nanos::get);
    Job waiting =
        Job.newBuilder()
            .setState(JobState.JOB_STATE_PENDING)
            .setPendingReason("no free driver slot")
            .build();
    String placed = "the scheduler looks for a driver slot";
    display.update(waiting.toBuilder().setPendingReason(placed).build());
    display.update(waiting);
    display.update(waiting);
    assertThat(io.err()).isEqualTo("waiting: no free driver slot\n");
  }

  @Test
  void aQueueThatMovesIsToldNowAndThen() {
    TestIo plain = new TestIo(folder);
    TestIo terminal = new TestIo(folder).terminal().env("NO_COLOR", "1");
    ProgressDisplay lines = new ProgressDisplay(plain.io(), nanos::get);
    ProgressDisplay drawn = new ProgressDisplay(terminal.io(), nanos::get);
    for (int ahead = 100; ahead > 0; ahead--) {
      Job job =
          Job.newBuilder()
              .setState(JobState.JOB_STATE_PENDING)
              .setPendingReason(ahead + " jobs are ahead")
              .build();
      lines.update(job);
      drawn.update(job);
      nanos.addAndGet(Duration.ofMillis(100).toNanos());
    }
    assertThat(plain.err()).isEqualTo("waiting: 100 jobs are ahead\nwaiting: 50 jobs are ahead\n");
    drawn.update(training(0, 4));
    assertThat(terminal.err())
        .contains(CLEAR + "waiting: 1 jobs are ahead" + CLEAR)
        .doesNotContain("\n");
  }

  @Test
  void figuresThatDoNotFitIntoTheTerminalAreLeftOut() {
    TestIo io = new TestIo(folder).terminal();
    ProgressDisplay display = new ProgressDisplay(io.io(), nanos::get);
    Progress.Builder progress = Progress.newBuilder().setPhase("train").setDone(1).setTotal(2);
    for (int i = 0; i < 20; i++) {
      progress.addMetrics(Metric.newBuilder().setName("gradNorm" + i).setValue(i));
    }
    display.update(running(progress.build()));
    String visible = io.err().replace("\r", "").replaceAll("\u001b\\[[0-9]*[mK]", "");
    assertThat(visible).hasSizeLessThan(80).endsWith("  grad norm0 0  grad norm1 1");
  }

  @Test
  void aJobsOwnGuessOfItsEndIsShownInPlaceOfThePhases() {
    PhaseLine line = new PhaseLine("price", 0);
    line.update(progress(10), 0);
    Metric guess = Metric.newBuilder().setName("secondsLeft").setValue(95).build();
    line.update(
        progress(20).toBuilder().addMetrics(guess).build(), Duration.ofSeconds(10).toNanos());
    assertThat(line.running(false, Integer.MAX_VALUE, new Style(false)))
        .contains("  ends in 1m35s")
        .doesNotContain("left");
  }

  @Test
  void goingBackToACheckpointStartsThePaceAnew() {
    PhaseLine line = new PhaseLine("train", 0);
    line.update(progress(10), Duration.ofSeconds(0).toNanos());
    line.update(progress(20), Duration.ofSeconds(1).toNanos());
    assertThat(line.left()).isEqualTo(Duration.ofSeconds(38));
    line.update(progress(12), Duration.ofSeconds(2).toNanos());
    assertThat(line.left()).isNull();
  }

  private void seconds(int seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private static Progress progress(int done) {
    return Progress.newBuilder().setPhase("train").setDone(done).setTotal(400).build();
  }

  private static Job training(int step, double loss) {
    return running(
        progress(step).toBuilder()
            .addMetrics(Metric.newBuilder().setName("loss").setValue(loss))
            .addMetrics(Metric.newBuilder().setName("tokensPerSecond").setValue(1000))
            .build());
  }

  private static Job running(Progress progress) {
    return Job.newBuilder().setState(JobState.JOB_STATE_RUNNING).setProgress(progress).build();
  }

  private static Job ended() {
    return Job.newBuilder().setState(JobState.JOB_STATE_SUCCEEDED).build();
  }
}
