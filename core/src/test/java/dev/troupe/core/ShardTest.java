package dev.troupe.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ShardTest {

  @Property
  void shardsFollowEachOtherInWholeUnits(
      @ForAll @IntRange(max = 100_000) int bytes,
      @ForAll @IntRange(min = 1, max = 5_000) int unit,
      @ForAll @IntRange(min = 1, max = 9) int size) {
    int end = 0;
    int units = (bytes + unit - 1) / unit;
    for (int rank = 0; rank < size; rank++) {
      Shard shard = Shard.of(bytes, unit, rank, size);
      assertThat(shard.from()).isEqualTo(end);
      assertThat(shard.from() % unit == 0 || shard.length() == 0).isTrue();
      assertThat((shard.length() + unit - 1) / unit).isBetween(units / size, units / size + 1);
      end = shard.end();
    }
    assertThat(end).isEqualTo(bytes);
  }

  @Test
  void largeBuffersDoNotOverflow() {
    Shard last = Shard.of(Integer.MAX_VALUE, 8192, 7, 8);
    assertThat(last.end()).isEqualTo(Integer.MAX_VALUE);
    assertThat(last.from()).isEqualTo(7 * 32_768 * 8192L);
  }

  @Test
  void aUnitHasAByte() {
    assertThatThrownBy(() -> Shard.of(8, 0, 0, 1)).hasMessage("unit: 0 (expected: > 0)");
  }
}
