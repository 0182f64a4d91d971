package dev.troupe.sft.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.troupe.sft.internal.HeldState.Update;
import dev.troupe.sft.internal.Recall.Claim;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RecallTest {

  private static final Optional<Claim> NOTHING = Optional.empty();

  private static Optional<Claim> claim(long step, boolean ready, int owner, int owners) {
    return Optional.of(
        new Claim(step, ready, new Shards(owner, owners, true), new Update(step, 1)));
  }

  @Test
  void whatIsLostWithARankIsWithTheNext() {
    Recall recall =
        Recall.newest(List.of(claim(7, false, 0, 4), claim(7, false, 2, 4), claim(7, false, 3, 4)))
            .orElseThrow();
    assertThat(recall.step()).isEqualTo(7);
    assertThat(recall.holders())
        .as("1 is lost; 2 has its copy, 0 that of 3")
        .containsExactly(0, 1, 1, 0);
  }

  @Test
  void twoNeighboursLostAreTooMany() {
    assertThat(Recall.newest(List.of(claim(7, false, 0, 4), claim(7, false, 3, 4)))).isEmpty();
    assertThat(Recall.newest(List.of(claim(7, false, 0, 4), claim(7, false, 2, 4)))).isPresent();
    assertThat(Recall.newest(List.of(NOTHING, NOTHING))).isEmpty();
  }

  @Test
  void aStepThatOneHasTakenIsTakenByThoseThatAreReady() {
    Recall recall =
        Recall.newest(List.of(NOTHING, claim(6, true, 0, 3), claim(7, false, 1, 3))).orElseThrow();
    assertThat(recall).isEqualTo(new Recall(7, List.of(1, 2, 1), 2, new Update(7, 1)));
  }

  @Test
  void aStepThatNoneHasTakenIsNotTaken() {
    List<Optional<Claim>> ready = List.of(claim(6, true, 0, 3), claim(6, false, 1, 3));
    assertThat(Recall.newest(ready).orElseThrow().step()).isEqualTo(6);
  }

  @Test
  void aRankThatHoldsAllIsEnough() {
    Recall recall =
        Recall.newest(List.of(claim(6, false, 0, 2), claim(7, false, 1, 2))).orElseThrow();
    assertThat(recall).isEqualTo(new Recall(7, List.of(1, 1), 1, new Update(7, 1)));
    Optional<Claim> whole = Optional.of(new Claim(5, false, Shards.whole(), new Update(0, 1)));
    assertThat(Recall.newest(List.of(NOTHING, whole)).orElseThrow().holders()).containsExactly(1);
  }

  @Property
  void anyOneRankMayBeLost(
      @ForAll @IntRange(min = 2, max = 9) int owners,
      @ForAll @IntRange(min = 0, max = 8) int rank) {
    List<Optional<Claim>> left =
        IntStream.range(0, owners)
            .filter(owner -> owner != rank % owners)
            .mapToObj(owner -> claim(9, false, owner, owners))
            .toList();
    Recall recall = Recall.newest(left).orElseThrow();
    assertThat(recall.holders()).hasSize(owners);
    for (int owner = 0; owner < owners; owner++) {
      Claim holder = left.get(recall.holders().get(owner)).orElseThrow();
      assertThat(holder.shards().held()).contains(owner);
    }
  }
}
