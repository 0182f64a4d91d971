package dev.troupe.sft.internal;

import dev.troupe.sft.internal.HeldState.Update;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The newest step that the ranks of a new generation can go on from with what they hold in memory.
 *
 * <p>When a generation ends, its ranks are at most one step apart: a rank leaves {@link
 * ShardedAdamW#norm}, behind which it updates, once the gradients of that step are complete on all
 * ranks. So if one has taken the step, each other has taken it too or holds what it needs to do so;
 * if none has, all hold the step before.
 *
 * @param step steps done
 * @param holders for each owner of a shard, a rank that holds it
 * @param first a rank that has taken the step itself, so its files are of this step
 * @param update that led there
 */
record Recall(long step, List<Integer> holders, int first, Update update) {

  /**
   * What a rank holds.
   *
   * @param ready whether the gradients of the step after it are there
   */
  record Claim(long step, boolean ready, Shards shards, Update update) {
    boolean canReach(long wanted) {
      return step == wanted || (ready && step + 1 == wanted);
    }
  }

  /**
   * Empty if the ranks hold no whole state between them.
   *
   * @param claims by rank, empty if it holds nothing
   */
  static Optional<Recall> newest(List<Optional<Claim>> claims) {
    return IntStream.range(0, claims.size())
        .filter(rank -> claims.get(rank).isPresent())
        .boxed()
        .sorted(Comparator.comparing(rank -> -claims.get(rank).orElseThrow().step()))
        .flatMap(rank -> withStepOf(rank, claims).stream())
        .findFirst();
  }

  private static Optional<Recall> withStepOf(int first, List<Optional<Claim>> claims) {
    Claim taken = claims.get(first).orElseThrow();
    List<Integer> holders = new ArrayList<>();
    for (int owner = 0; owner < taken.shards().owners(); owner++) {
      int wanted = owner;
      IntStream.range(0, claims.size())
          .filter(rank -> claims.get(rank).filter(c -> holds(c, taken, wanted)).isPresent())
          .findFirst()
          .ifPresent(holders::add);
    }
    return holders.size() == taken.shards().owners()
        ? Optional.of(new Recall(taken.step(), holders, first, taken.update()))
        : Optional.empty();
  }

  private static boolean holds(Claim claim, Claim taken, int owner) {
    return claim.canReach(taken.step())
        && claim.shards().owners() == taken.shards().owners()
        && claim.shards().held().contains(owner);
  }
}
