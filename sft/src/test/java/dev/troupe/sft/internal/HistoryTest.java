package dev.troupe.sft.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HistoryTest {

  private static StepRecord step(long number) {
    return step(number, 1.0 / number);
  }

  private static StepRecord step(long number, double loss) {
    return new StepRecord(
        number, loss, 1, 1e-3, 100, 0, 2, 0.1, 0.2, 0.4, 0.6, 0.5, 0.2, 2, Optional.empty());
  }

  @Test
  void comesBackFromItsText() {
    History history = new History();
    for (int i = 1; i <= 5; i++) {
      history.add(step(i));
    }
    History back = History.parse(ByteBuffer.wrap(history.toJsonLines()));
    assertThat(back.steps()).isEqualTo(history.steps());
    assertThat(back.tokensPerSecond()).isEqualTo(50);
    assertThat(back.allReduceShare()).isEqualTo(0.25);
  }

  @Test
  void holdsWhatHeldOutRowsSaidAfterAStep() {
    History history = new History();
    history.add(step(1));
    history.measured(4);
    history.add(step(2));
    history.add(step(3));
    history.measured(2);
    String text = new String(history.toJsonLines(), StandardCharsets.UTF_8);
    assertThat(text.lines().map(line -> line.contains("evalLoss")))
        .containsExactly(true, false, true);
    History back = History.parse(ByteBuffer.wrap(history.toJsonLines()));
    assertThat(back.first().evalLoss()).contains(4.0);
    assertThat(back.steps()).extracting(StepRecord::evalLoss).contains(Optional.of(2.0));
  }

  @Test
  void isBoundedAndKeepsItsEnds() {
    History history = new History();
    long last = 3L * History.LIMIT + 1;
    for (long i = 1; i <= last; i++) {
      history.add(step(i));
    }
    assertThat(history.steps()).hasSizeBetween(History.LIMIT / 2, History.LIMIT + 2);
    assertThat(history.steps().get(0).step()).isEqualTo(1);
    assertThat(history.last().step()).isEqualTo(last);
    assertThat(history.steps().get(history.steps().size() - 1).step()).isEqualTo(last);
    History back = History.parse(ByteBuffer.wrap(history.toJsonLines()));
    back.add(step(last + 1));
    assertThat(back.last().step()).isEqualTo(last + 1);
  }

  @Test
  void aRunIsLostThatIsWorseThanGuessingForLong() {
    History history = new History();
    for (int i = 1; i <= 30; i++) { // of 20 tokens: a guess has a loss of 3
      history.add(step(i, i == 1 ? 1 : i % 10 == 0 ? 5 : 100));
      Divergence.require(history, 20);
    }
    history.add(step(31, 6.1));
    for (int i = 32; i <= 39; i++) {
      history.add(step(i, 6.1));
      Divergence.require(history, 20);
    }
    history.add(step(40, 6.1));
    Divergence.require(history, 22); // 2 ln 22 is 6.18
    assertThatThrownBy(() -> Divergence.require(history, 20))
        .hasMessageStartingWith("step 40: the loss is 6.100, of the first step it was 1.000");
  }
}
