package dev.troupe.sft.internal.sweep;

import dev.troupe.core.Handle;
import dev.troupe.sft.internal.Segment;
import dev.troupe.sft.internal.sweep.Race.Runner;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The early indicators of Pareja et al. ("Unveiling the Secret Recipe", arXiv 2412.13337): of runs
 * that differ in batch and learning rate, those with a lower gradient norm early on, and with a
 * higher training loss, end better. The paper gives neither window nor threshold; ours: at each
 * rung trials are ordered by the mean norm of all steps past their warm-up, equal ones by higher
 * mean loss, and the worse part is given up. All trials reach a rung before any goes on.
 *
 * @param keep part that goes on
 * @param enforce whether those that are given up stop
 */
record EarlyIndicators(double keep, boolean enforce) implements SweepPolicy {

  private static final Comparator<Runner> BETTER =
      Comparator.comparingDouble((Runner r) -> r.last().gradNorm())
          .thenComparing(r -> r.last().loss(), Comparator.reverseOrder())
          .thenComparing(r -> r.trial().number());

  @Override
  public void run(Race race) throws InterruptedException {
    List<Runner> active = race.runners();
    for (int rung = 0; rung < race.rungs().size() && !active.isEmpty(); rung++) {
      List<Handle<Segment.Outcome>> handles = new ArrayList<>();
      for (Runner runner : active) {
        handles.add(race.start(runner));
      }
      for (int i = 0; i < handles.size(); i++) {
        race.finish(active.get(i), handles.get(i));
      }
      if (rung + 1 < race.rungs().size()) {
        giveUp(active);
      }
      active =
          active.stream()
              .filter(r -> r.diverged().isEmpty() && !(enforce && r.hopelessAt() >= 0))
              .toList();
    }
  }

  private void giveUp(List<Runner> active) {
    List<Runner> hopeful =
        active.stream()
            .filter(r -> r.diverged().isEmpty() && r.hopelessAt() < 0)
            .sorted(BETTER)
            .toList();
    int kept = (int) Math.ceil(keep * hopeful.size() - 1e-9);
    hopeful.subList(Math.min(kept, hopeful.size()), hopeful.size()).forEach(Runner::giveUp);
  }
}
