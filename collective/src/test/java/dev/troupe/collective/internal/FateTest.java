package dev.troupe.collective.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order the end of a generation becomes known. */
class FateTest {
  @Test
  void theOtherRanksAreToldBeforeTheEndIsSeenHere() {
    Fate fate = new Fate(7);
    List<String> order = new ArrayList<>();
    fate.heraldedBy(end -> order.add("told of rank " + end.suspect() + ", over " + fate.over()));
    fate.onEnd(() -> order.add("heard, over " + fate.over()));

    assertThat(fate.end(3, "rank 3 is gone", null)).isTrue();

    assertThat(order).containsExactly("told of rank 3, over false", "heard, over true");
  }

  @Test
  void aLossMetWhileTellingDoesNotReplaceTheReason() {
    Fate fate = new Fate(7);
    List<Boolean> second = new ArrayList<>();
    fate.heraldedBy(end -> second.add(fate.end(1, "rank 1 is gone", null)));

    fate.end(3, "rank 3 is gone", null);

    assertThat(second).containsExactly(false);
    assertThat(fate.reason().suspect()).isEqualTo(3);
  }

  @Test
  void whoComesSecondSeesTheEnd() throws InterruptedException {
    Fate fate = new Fate(7);
    List<Boolean> seen = new ArrayList<>();
    Thread second =
        new Thread(
            () -> {
              seen.add(fate.end(1, "rank 1 is gone", null));
              seen.add(fate.over());
            });
    fate.heraldedBy(end -> second.start());

    fate.end(3, "rank 3 is gone", null);
    second.join();

    assertThat(seen).containsExactly(false, true);
  }
}
